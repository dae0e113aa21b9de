import type { Node, Pod } from "../../api/generated/types/core-v1.ts";
import { isPodTerminating } from "../../api/core/pod-state.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Informer } from "../../client/informer.ts";
import { keyOf, splitKey } from "../../client/lister.ts";
import type { Outcome } from "../../client/reconciler.ts";
import { nodes as nodeType, pods as podType } from "../../client/resource-types.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { evictPod, isTold } from "./evict-pod.ts";
import { decide, type Eviction } from "./evictions.ts";
import { evictingTaints, staySeconds } from "./stay.ts";

const target = { reason: "DeletionByTaintManager", message: "Taint manager: deleting due to NoExecute taint" };

/** Longer than that no timer runs; the time is looked at again. */
const longestWaitMs = 86_400_000;

/**
 * Deletes pods from nodes with NoExecute taints, when they do not tolerate them, or no longer.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
 */
export const taintEvictionController: Controller = {
  name: "taint-eviction-controller",
  serviceAccount: "node-controller",
  start(deps) {
    const nodes = deps.informers.of(nodeType);
    const pods = deps.informers.of(podType);
    const podsOn = pods.index(({ spec }) => (spec?.nodeName ? [spec.nodeName] : []));
    const parts: Parts = { nodes, pods, planned: new Map(), evicted: new Map(), deps };
    const reconciler = deps.reconciler({ reconcile: (key) => reconcile(key, parts), workers: 8 });
    const wake = (pod: DeepReadonly<Pod>): void => reconciler.add(keyOf(pod));
    const isConcerned = ({ spec }: DeepReadonly<Pod>): boolean => {
      const node = nodes.get(spec?.nodeName ?? "");
      return node !== undefined && evictingTaints(node).length > 0;
    };
    pods.on({
      added(pod) {
        if (isConcerned(pod)) wake(pod);
      },
      updated(pod, old) {
        const isSame =
          pod.spec?.nodeName === old.spec?.nodeName && deepEqual(pod.spec?.tolerations, old.spec?.tolerations);
        if (!isSame && isConcerned(pod)) wake(pod);
      },
      deleted(pod) {
        if (parts.planned.has(keyOf(pod)) || parts.evicted.has(keyOf(pod))) wake(pod);
      },
    });
    const wakePods = (name: string | undefined): void => podsOn(name ?? "").forEach(wake);
    nodes.on({
      added(node) {
        if (evictingTaints(node).length > 0) wakePods(node.metadata?.name);
      },
      updated(node, old) {
        if (!deepEqual(evictingTaints(node), evictingTaints(old))) wakePods(node.metadata?.name);
      },
    });
  },
};

interface Parts {
  readonly nodes: Informer<Node>;
  readonly pods: Informer<Pod>;
  /** By the pod's key, as the next. */
  readonly planned: Map<string, Eviction>;
  /** The uids of pods that were deleted and are not gone yet. */
  readonly evicted: Map<string, string>;
  readonly deps: Pick<ControllerDeps, "client" | "clock" | "events">;
}

async function reconcile(key: string, parts: Parts): Promise<Outcome> {
  const { pods, planned, evicted, deps } = parts;
  const pod = pods.get(key);
  const uid = pod?.metadata?.uid ?? "";
  // What is known of another pod of this name is of no use.
  if (planned.get(key)?.uid !== uid) cancel(key, parts);
  if (evicted.get(key) !== uid) evicted.delete(key);
  if (pod === undefined || evicted.has(key) || (isPodTerminating(pod) && isTold(pod, target))) return undefined;
  const now = deps.clock.now();
  const before = planned.get(key);
  const decision = decide({ uid, stay: stayOf(pod, parts), planned: before, now });
  if (decision.is === "none" || decision.eviction !== before) cancel(key, parts);
  if (decision.is === "none") return undefined;
  planned.set(key, decision.eviction);
  if (decision.is === "wait") return { after: Math.min(decision.eviction.at - now, longestWaitMs) };
  await carryOut(decision.eviction, pod, deps);
  planned.delete(key);
  evicted.set(key, uid);
  return undefined;
}

function stayOf({ spec }: DeepReadonly<Pod>, { nodes }: Parts): number | undefined {
  const node = nodes.get(spec?.nodeName ?? "");
  return node === undefined ? undefined : staySeconds(evictingTaints(node), spec?.tolerations);
}

async function carryOut(eviction: Eviction, pod: DeepReadonly<Pod>, deps: Parts["deps"]): Promise<void> {
  // Once, however often it has to be tried.
  if (!eviction.isAnnounced) announce(pod, `Marking for deletion Pod ${keyOf(pod)}`, deps);
  eviction.isAnnounced = true;
  const { generation } = pod.metadata ?? {};
  await evictPod(pod, generation === undefined ? target : { ...target, observedGeneration: generation }, deps);
}

function cancel(key: string, { planned, deps }: Parts): void {
  if (!planned.delete(key)) return;
  announce({ apiVersion: "v1", kind: "Pod", metadata: splitKey(key) }, `Cancelling deletion of Pod ${key}`, deps);
}

function announce(pod: DeepReadonly<Pod>, message: string, { events }: Parts["deps"]): void {
  events.event(pod, { type: "Normal", reason: "TaintManagerEviction", message });
}
