import type { Binding, Pod } from "../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../api/machinery/object.ts";
import type { Transport } from "../api/wire.ts";
import { ActivityGauge } from "../base/activity.ts";
import { silentLogger, type Logger } from "../base/log.ts";
import { systemRandom } from "../base/random.ts";
import { Scope } from "../base/scope.ts";
import { SimulatedClock } from "../base/simulated-clock.ts";
import { Turns } from "../base/turns.ts";
import { type Client, createClient } from "../client/client.ts";
import type { ObjectEvent } from "../client/event-recorder.ts";
import { referenceTo, type Regarding } from "../client/events/object-reference.ts";
import { pods, type ResourceType, resourceType } from "../client/resource-types.ts";
import { createCluster } from "../cluster/create-cluster.ts";
import { inProcess } from "../cluster/in-process.ts";
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
const start = Date.UTC(2026, 0, 1);
const admin = { name: "admin", groups: ["system:masters", "system:authenticated"] };

/** A real API server in memory, in simulated time, with simulated nodes and nothing else: the test plays the scheduler. */
export async function nodeStage(options: NodeStageOptions = {}): Promise<NodeStage> {
  const { through = (transport) => transport, log = silentLogger } = options;
  await using scope = new Scope();
  const activity = new ActivityGauge();
  const clock = new SimulatedClock(start, () => activity.idle());
  const turns = new Turns();
  const cluster = scope.use(await createCluster({ clock, activity }));
  const transport = cluster.as(admin);
  const client = createClient({ transport, userAgent: "test" });
  await options.objects?.(client);
  const inside = inProcess({ as: (user) => cluster.as(user), activity, turns });
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
      { as: (user) => counting(through(inside(user))), recorderOf: () => recorder, clock, random: systemRandom, log, activity, turns },
    );
  let running: SimulatedNodes | undefined = await begin();
  const stop = async (): Promise<void> => {
    await running?.[Symbol.asyncDispose]();
    running = undefined;
  };
  scope.defer(stop);
  // Until the nodes have stopped waiting for networks that nobody gives them.
  await clock.advance(1_000);
  const all = scope.move();
  return {
    ...{ client, transport, clock, events, requests, stop },
    kubelets: () => running?.kubelets ?? [],
    settled: () => activity.idle(),
    async restart() {
      await stop();
      running = await begin();
      await activity.idle();
    },
    async run(pod) {
      const made = await client.create(pods, pod);
      const { namespace, name } = made.metadata ?? {};
      await client.create(bindings, bindingOf(namespace, name, running?.kubelets[0]?.nodeName), "binding");
      await activity.idle();
    },
    pod: (name) => client.get(pods, { namespace: "default", name }),
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}

function bindingOf(namespace = "default", name = "", node = ""): Binding {
  return { metadata: { namespace, name }, target: { kind: "Node", name: node } };
}
