import type { Binding, Pod } from "../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../api/machinery/object.ts";
import type { Transport } from "../api/wire.ts";
import { silentLogger, type Logger } from "../base/log.ts";
import { systemRandom } from "../base/random.ts";
import { Scope } from "../base/scope.ts";
import type { SimulatedClock } from "../base/simulated-clock.ts";
import type { Client } from "../client/client.ts";
import type { ObjectEvent } from "../client/event-recorder.ts";
import { referenceTo, type Regarding } from "../client/events/object-reference.ts";
import { pods, type ResourceType, resourceType } from "../client/resource-types.ts";
import { restartable } from "../cluster/restartable.testing.ts";
import { startScene } from "../cluster/scene.testing.ts";
import type { Kubelet } from "./kubelet/kubelet.ts";
import { runSimulatedNodes, type SimulatedNodes, type SimulatedNodesOptions } from "./run-simulated-nodes.ts";

export interface NodeStage extends AsyncDisposable {
  /** As an administrator. */
  readonly client: Client;
  readonly transport: Transport;
  readonly clock: SimulatedClock;
  /** What was told so far, as `Reason message`, with the object's name. */
  readonly events: readonly (ObjectEvent & { readonly name: string })[];
  /** How many requests nodes made, by `METHOD path`. */
  readonly requests: readonly string[];
  kubelets(): readonly Kubelet[];
  settled(): Promise<void>;
  /** Ends the agents and starts them anew, as after a crash: they know only what the API holds. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  /** Makes a pod and binds it to the first node; resolves when nothing more happens at this instant. */
  run(pod: Pod): Promise<void>;
  pod(name: string): Promise<DeepReadonly<Pod>>;
}

export interface NodeStageOptions extends Partial<SimulatedNodesOptions> {
  readonly log?: Logger;
  /** Objects that are there before the agents begin. */
  readonly objects?: (client: Client) => Promise<unknown>;
  /** Between agents and server: to make requests fail. */
  readonly through?: (transport: Transport) => Transport;
}

const bindings: ResourceType<Binding> = resourceType("v1", "pods", "Binding", "Namespaced");

/** A real API server in memory, in simulated time, with simulated nodes and nothing else: the test plays the scheduler. */
export async function nodeStage(options: NodeStageOptions = {}): Promise<NodeStage> {
  const { through = (transport) => transport, log = silentLogger } = options;
  await using scope = new Scope();
  const { client, transport, clock, activity, turns, as } = scope.use(await startScene());
  await options.objects?.(client);
  const requests: string[] = [];
  const counting =
    (inner: Transport): Transport =>
    (request) => {
      requests.push(`${request.method} ${request.url}`);
      return inner(request);
    };
  const events: (ObjectEvent & { name: string })[] = [];
  const recorder = {
    event: (regarding: Regarding, event: ObjectEvent) =>
      void events.push({ ...event, name: referenceTo(regarding).name ?? "" }),
  };
  const begin = (): Promise<SimulatedNodes> =>
    runSimulatedNodes(
      { count: 1, ...options },
      {
        as: (user) => counting(through(as(user))),
        recorderOf: () => recorder,
        clock,
        random: systemRandom,
        log,
        activity,
        turns,
      },
    );
  const nodes = scope.use(await restartable(begin, () => activity.idle()));
  const { stop, restart } = nodes;
  // Until the nodes have stopped waiting for networks that nobody gives them.
  await clock.advance(1_000);
  const all = scope.move();
  return {
    ...{ client, transport, clock, events, requests, stop, restart },
    kubelets: () => nodes.running?.kubelets ?? [],
    settled: () => activity.idle(),
    async run(pod) {
      const made = await client.create(pods, pod);
      const { namespace, name } = made.metadata ?? {};
      await client.create(bindings, bindingOf(namespace, name, nodes.running?.kubelets[0]?.nodeName), "binding");
      await activity.idle();
    },
    pod: (name) => client.get(pods, { namespace: "default", name }),
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}

function bindingOf(namespace = "default", name = "", node = ""): Binding {
  return { metadata: { namespace, name }, target: { kind: "Node", name: node } };
}
