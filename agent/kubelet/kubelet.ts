import { setMaxListeners } from "node:events";
import type { Node, Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Transport } from "../../api/wire.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import { Scope } from "../../base/scope.ts";
import { createClient } from "../../client/client.ts";
import { type InformerDeps, WatchingInformer } from "../../client/informer.ts";
import { keyFor } from "../../client/lister.ts";
import { nodes as nodeType, pods as podType } from "../../client/resource-types.ts";
import type { ContainerStats, Runtime, RuntimeEvent } from "../runtime/runtime.ts";
import { announceNode } from "./node/announce-node.ts";
import { keepLease, usualRenewMs } from "./node/keep-lease.ts";
import { keepNodeStatus, usualReportMs } from "./node/keep-node-status.ts";
import { hostIps, type Machine } from "./node/machine.ts";
import { registerCsiNode, registerNode } from "./node/register-node.ts";
import { NodeAllotment } from "./node-allotment.ts";
import type { NodeContext } from "./node-context.ts";
import type { NodeRecorder } from "./node-recorder.ts";
import type { AnyPod } from "./observed.ts";
import { podRanges } from "./pod-ranges.ts";
import { PodWorker } from "./pod-worker.ts";
import type { PodWorkers } from "./pod-workers.ts";

export interface KubeletOptions {
  readonly machine: Machine;
  /** Ended with the kubelet. */
  readonly runtime: Runtime;
  /** Where pods get addresses from as long as the cluster has given the node no network. */
  readonly fallbackPodRange: string;
  /** Whether the Node tells which images it has. */
  readonly reportsImages: boolean;
  /** Milliseconds between two renewals of the node's lease; ten seconds when absent. */
  readonly leaseRenewMs?: number;
  /** Milliseconds between two times that the node tells its status although it has not changed; five minutes when absent. */
  readonly statusReportMs?: number;
}

export interface KubeletDeps {
  /** As `system:node:NAME`. */
  readonly transport: Transport;
  readonly userAgent: string;
  readonly workers: PodWorkers;
  /** Undefined: none are written. Each costs about as much as a write of the pod itself. */
  readonly events: NodeRecorder | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** The agent of one node, which has registered and does its work. */
export interface Kubelet extends AsyncDisposable {
  readonly nodeName: string;
  readonly runtime: Runtime;
  /** As the API has it. */
  node(): DeepReadonly<Node>;
  /** Pods on this node, as the API has them. */
  pods(namespace?: string): Iterable<AnyPod>;
  pod(namespace: string, name: string): AnyPod | undefined;
  /** Of containers that run, or of one pod's. */
  stats(podUid?: string): readonly ContainerStats[];
  /** The runtime's ID of a container's newest run, or of the one before. */
  containerId(
    pod: { readonly namespace: string; readonly name: string },
    container: string,
    previous?: boolean,
  ): string | undefined;
}

export async function startKubelet(options: KubeletOptions, deps: KubeletDeps): Promise<Kubelet> {
  const { machine, runtime } = options;
  const { transport, userAgent, workers, clock, random, log } = deps;
  const { nodeName } = machine;
  await using scope = new Scope();
  scope.use(runtime);
  const ending = new AbortController();
  const { signal } = ending;
  // Every request that is under way listens.
  setMaxListeners(0, signal);
  const client = createClient({ transport, userAgent, signal });
  const images = options.reportsImages ? () => runtime.images() : () => [];
  const registered = await registerNode(client, { machine, images: images(), now: clock.now() });
  await registerCsiNode(client, registered);
  scope.defer(
    await keepLease(registered, { renewMs: options.leaseRenewMs ?? usualRenewMs, client, clock, random, log }),
  );

  const { ownNode, ownPods } = followOwn(nodeName, { ...deps, signal }, scope);
  scope.defer(() => ending.abort());
  const node = (): DeepReadonly<Node> => ownNode.get(nodeName) ?? registered;
  const status = keepNodeStatus({
    ...{ client, machine, images, node: () => ownNode.get(nodeName), clock, random, log },
    reportMs: options.statusReportMs ?? usualReportMs,
  });
  scope.defer(() => status.stop());
  const pauses = new Pauses(clock);
  scope.defer(() => pauses.cancel());
  const ranges = podRanges({ runtime, fallback: options.fallbackPodRange, clock });
  scope.defer(() => ranges.stop());
  ownNode.on({ added: ranges.seen, updated: ranges.seen });
  ownNode.on({ added: status.look, updated: status.look });

  const own = ownWorkers(workers);
  scope.defer(() => own.dispose());
  const context: NodeContext = {
    ...{ client, runtime, clock, log, node },
    allotment: new NodeAllotment(workers.wake),
    hostIps: hostIps(machine),
    addressable: () => ranges.known,
    pause: (ms) => pauses.pause(ms),
    tell: deps.events === undefined ? undefined : tellOf(deps.events),
    wake: workers.wake,
    forget: own.forget,
    imagesChanged: status.look,
  };
  scope.defer(runtime.onEvent((event) => tellWorker(own.get(event.podUid), event)));
  await Promise.all([ownNode.synced, ownPods.synced]);
  if (deps.events !== undefined) announceNode(nodeName, deps.events, { isSimulated: runtime.name === "simulated" });
  await adoptPods(ownPods, { context, workers: own });
  const all = scope.move();
  return {
    nodeName,
    runtime,
    node,
    pods: (namespace) => ownPods.list(namespace),
    pod: (namespace, name) => ownPods.get(keyFor(namespace, name)),
    stats: (podUid) => runtime.stats(podUid),
    containerId({ namespace, name }, container, previous) {
      const uid = ownPods.get(keyFor(namespace, name))?.metadata?.uid ?? "";
      return own.get(uid)?.containerId(container, previous);
    },
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}

interface OwnWorkers {
  put(worker: PodWorker): void;
  readonly get: (uid: string) => PodWorker | undefined;
  readonly forget: (uid: string) => void;
  dispose(): void;
}

/** Those of this node, also of pods that the API has no more. */
function ownWorkers(all: PodWorkers): OwnWorkers {
  const own = new Map<string, PodWorker>();
  const forget = (uid: string): void => {
    own.delete(uid);
    all.forget(uid);
  };
  return {
    put(worker) {
      own.set(worker.uid, worker);
      all.put(worker);
    },
    get: (uid) => own.get(uid),
    forget,
    dispose() {
      for (const worker of own.values()) worker.dispose();
      for (const uid of [...own.keys()]) forget(uid);
    },
  };
}

function tellWorker(worker: PodWorker | undefined, event: RuntimeEvent): void {
  if (event.type === "exited") worker?.exited(event.containerId, event.exit);
  else worker?.probesChanged(event.containerId);
}

/** The watches that end with the scope: each node sees no more than itself and what is on it. */
function followOwn(
  nodeName: string,
  deps: InformerDeps,
  scope: Scope,
): { readonly ownNode: WatchingInformer<Node>; readonly ownPods: WatchingInformer<Pod> } {
  const ownNode = new WatchingInformer<Node>({ type: nodeType, fieldSelector: `metadata.name=${nodeName}` }, deps);
  const ownPods = new WatchingInformer<Pod>({ type: podType, fieldSelector: `spec.nodeName=${nodeName}` }, deps);
  const running = Promise.all([ownNode.run(), ownPods.run()]);
  scope.defer(async () => {
    await running;
  });
  return { ownNode, ownPods };
}

/** First what ran before is found again, with its addresses; then pods are followed as they come and go. */
async function adoptPods(
  pods: WatchingInformer<Pod>,
  { context, workers }: { readonly context: NodeContext; readonly workers: OwnWorkers },
): Promise<void> {
  const adopted = new Map<string, PodWorker>();
  for (const pod of pods.list()) {
    if (pod.status?.startTime === undefined) continue;
    const worker = new PodWorker(pod, context);
    await worker.recover();
    adopted.set(worker.uid, worker);
    workers.put(worker);
  }
  pods.on({
    added(pod) {
      const uid = pod.metadata?.uid ?? "";
      const known = adopted.get(uid);
      if (known === undefined) workers.put(new PodWorker(pod, context));
      else known.changed(pod);
      adopted.delete(uid);
      context.wake(uid);
    },
    updated: (pod) => workers.get(pod.metadata?.uid ?? "")?.changed(pod),
    deleted: (pod) => workers.get(pod.metadata?.uid ?? "")?.gone(),
  });
  // Deleted while they were looked for.
  for (const worker of adopted.values()) worker.gone();
}

function tellOf(events: NodeRecorder): NodeContext["tell"] {
  return (pod, { container, ...event }) => {
    const { namespace = "", name = "", uid = "", resourceVersion = "" } = pod.metadata ?? {};
    const part = container === undefined ? {} : { fieldPath: fieldPathOf(pod, container) };
    events.event({ apiVersion: "v1", kind: "Pod", namespace, name, uid, resourceVersion, ...part }, event);
  };
}

function fieldPathOf({ spec }: AnyPod, name: string): string {
  const isIt = (one: { readonly name: string }): boolean => one.name === name;
  const list = spec?.containers?.some(isIt)
    ? "containers"
    : spec?.initContainers?.some(isIt)
      ? "initContainers"
      : "ephemeralContainers";
  return `spec.${list}{${name}}`;
}

/** Waits that end with the kubelet: they never resolve then. */
class Pauses {
  readonly #clock: Clock;
  readonly #cancels = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(milliseconds, () => {
        this.#cancels.delete(cancel);
        resolve();
      });
      this.#cancels.add(cancel);
    });
  }

  cancel(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }
}
