import type { Node, Pod } from "../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../api/machinery/object.ts";
import type { Transport } from "../api/wire.ts";
import { type Logger, silentLogger } from "../base/log.ts";
import { systemRandom } from "../base/random.ts";
import { Scope } from "../base/scope.ts";
import type { SimulatedClock } from "../base/simulated-clock.ts";
import type { Client } from "../client/client.ts";
import { nodes, pods } from "../client/resource-types.ts";
import { restartable } from "../cluster/restartable.testing.ts";
import { startScene } from "../cluster/scene.testing.ts";
import { completeConfiguration } from "./configuration/load.ts";
import type { WrittenConfiguration } from "./configuration/written.ts";
import { runScheduler } from "./run-scheduler.ts";

export interface SchedulerStage extends AsyncDisposable {
  /** As an administrator. */
  readonly client: Client;
  readonly clock: SimulatedClock;
  /** Resolves when all that can be done at this instant is done. */
  settled(): Promise<void>;
  /** Ends the scheduler and starts it anew, as after a crash: it knows only what the API holds. */
  restart(): Promise<void>;
  /** Ends the scheduler; `restart` brings it back. */
  stop(): Promise<void>;
  addNode(name: string, parts?: NodeParts): Promise<void>;
  addPod(name: string, parts?: PodParts): Promise<void>;
  pod(name: string, namespace?: string): Promise<DeepReadonly<Pod>>;
  /** The pod's node, once all is settled. */
  nodeOf(name: string, namespace?: string): Promise<string | undefined>;
}

export interface NodeParts {
  readonly labels?: Record<string, string>;
  readonly capacity?: Record<string, string>;
  readonly spec?: Node["spec"];
}

export interface PodParts {
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly cpu?: string;
  readonly priority?: number;
  readonly spec?: Partial<NonNullable<Pod["spec"]>>;
}

export interface StageOptions {
  readonly configuration?: WrittenConfiguration;
  readonly log?: Logger;
  /** Between scheduler and server: to make requests fail. */
  readonly through?: (transport: Transport) => Transport;
}

/** A real API server in memory, in simulated time, with the scheduler on it and nothing else: the test plays the rest. */
export async function schedulerStage(options: StageOptions = {}): Promise<SchedulerStage> {
  const { through = (transport) => transport, log = silentLogger } = options;
  await using scope = new Scope();
  const { client, clock, activity, turns, as } = scope.use(await startScene());
  const configuration = completeConfiguration(options.configuration);
  const begin = (): Promise<AsyncDisposable> =>
    runScheduler({
      as: (user) => through(as(user)),
      configuration,
      clock,
      random: systemRandom,
      log,
      activity,
      turns,
    });
  const { stop, restart } = scope.use(await restartable(begin, () => activity.idle()));
  await activity.idle();
  const all = scope.move();
  const stage: SchedulerStage = {
    client,
    clock,
    settled: () => activity.idle(),
    ...{ stop, restart },
    async addNode(name, parts) {
      await client.create(nodes, nodeOf(name, parts));
      // New nodes are tainted until the node controller has seen that they are ready; whoever waits has tried by then.
      await activity.idle();
      await client.patch(nodes, { name }, { spec: { taints: parts?.spec?.taints ?? null } });
    },
    async addPod(name, parts) {
      await client.create(pods, podOf(name, parts));
    },
    pod: (name, namespace = "default") => client.get(pods, { namespace, name }),
    async nodeOf(name, namespace) {
      await activity.idle();
      return (await stage.pod(name, namespace)).spec?.nodeName;
    },
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
  return stage;
}

/** 2 CPUs. */
export function nodeOf(name: string, { labels = {}, capacity = {}, spec = {} }: NodeParts = {}): Node {
  const allocatable = { cpu: "2", memory: "8Gi", pods: "110", ...capacity };
  return {
    metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels } },
    spec,
    status: {
      capacity: allocatable,
      allocatable,
      conditions: [{ type: "Ready", status: "True" }],
    },
  };
}

export function podOf(name: string, parts: PodParts = {}): Pod {
  const { namespace = "default", labels = {}, cpu = "1", spec = {} } = parts;
  return {
    metadata: { name, namespace, labels },
    spec: { containers: [{ name: "main", image: "image", resources: { requests: { cpu } } }], ...spec },
  };
}
