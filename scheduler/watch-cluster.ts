/** What informers tell, handed to the cache (what runs where) and the queue (what waits, and for what). */
import type { Node, Pod } from "../api/generated/types/core-v1.ts";
import type { DeepReadonly, KubeObject } from "../api/machinery/object.ts";
import type { InformerHandler } from "../client/informer.ts";
import type { SchedulerCache } from "./framework/cache.ts";
import type { Action, ClusterEvent, EventObjects, EventResource } from "./framework/events.ts";
import { nodeChanges, podChanges } from "./framework/object-changes.ts";
import { createPodInfo, type PodInfo } from "./framework/pod-info.ts";
import type { SchedulingQueue } from "./queue/scheduling-queue.ts";

export interface ClusterWatchDeps {
  readonly cache: SchedulerCache;
  readonly queue: SchedulingQueue;
  /** Whether a profile has this name. */
  readonly isOurs: (schedulerName: string) => boolean;
}

const add: ReadonlySet<Action> = new Set(["Add"]);
const remove: ReadonlySet<Action> = new Set(["Delete"]);
const update: ReadonlySet<Action> = new Set(["Update"]);
const nothing: ReadonlySet<Action> = new Set();

/** Any other kind than pods and nodes: only the queue is interested. */
export function otherHandler<R extends EventResource>(
  resource: R,
  queue: SchedulingQueue,
): InformerHandler<EventObjects[R] & KubeObject> {
  const tell = (event: ClusterEvent<R>): void => queue.happened(event);
  return {
    added: (after) => tell({ resource, actions: add, before: undefined, after: after as ClusterEvent<R>["after"] }),
    updated: (after, before) =>
      tell({
        resource,
        actions: update,
        before: before as ClusterEvent<R>["before"],
        after: after as ClusterEvent<R>["after"],
      }),
    deleted: (before) =>
      tell({ resource, actions: remove, before: before as ClusterEvent<R>["before"], after: undefined }),
  };
}

export function nodeHandler({ cache, queue }: ClusterWatchDeps): InformerHandler<Node> {
  return {
    added(node) {
      cache.setNode(node);
      queue.happened({ resource: "Node", actions: add, before: undefined, after: node });
    },
    updated(node, old) {
      cache.setNode(node);
      const actions = queue.isWaiting ? nodeChanges(old, node) : nothing;
      if (actions.size > 0) queue.happened({ resource: "Node", actions, before: old, after: node });
    },
    deleted(node) {
      cache.removeNode(node.metadata?.name ?? "");
      queue.happened({ resource: "Node", actions: remove, before: node, after: undefined });
    },
  };
}

export function podHandler(deps: ClusterWatchDeps): InformerHandler<Pod> {
  const { cache, queue, isOurs } = deps;
  const isWaiting = ({ spec }: DeepReadonly<Pod>): boolean => !spec?.nodeName && isOurs(spec?.schedulerName ?? "");
  return {
    added(pod) {
      if (pod.spec?.nodeName) assigned(pod, undefined, deps);
      else if (isWaiting(pod)) queue.add(createPodInfo(pod));
    },
    updated(pod, old) {
      if (pod.spec?.nodeName) assigned(pod, old.spec?.nodeName ? old : undefined, deps);
      else if (isWaiting(pod)) waitingChanged(pod, old, deps);
    },
    deleted(pod) {
      const uid = pod.metadata?.uid ?? "";
      // The informer may have missed that it was bound, so what is known of it counts.
      const known = cache.getPod(uid);
      queue.delete(uid);
      cache.removePod(uid);
      if (pod.spec?.nodeName || known !== undefined) freed(known ?? createPodInfo(pod), deps);
      else if (pod.status?.nominatedNodeName) nominationFreed(pod, deps);
    },
  };
}

/** Bound, by this scheduler or any other; or a bound one has changed. */
function assigned(
  pod: DeepReadonly<Pod>,
  old: DeepReadonly<Pod> | undefined,
  { cache, queue }: ClusterWatchDeps,
): void {
  cache.setPod(createPodInfo(pod));
  if (old !== undefined) {
    if (queue.isWaiting) queue.happened({ resource: "Pod", actions: podChanges(old, pod), before: old, after: pod });
    return;
  }
  queue.delete(pod.metadata?.uid ?? "");
  queue.happened({ resource: "Pod", actions: add, before: undefined, after: pod });
}

function waitingChanged(pod: DeepReadonly<Pod>, old: DeepReadonly<Pod>, deps: ClusterWatchDeps): void {
  const { cache, queue } = deps;
  const uid = pod.metadata?.uid ?? "";
  const assumed = cache.isAssumed(uid) ? cache.getPod(uid) : undefined;
  if (assumed !== undefined) {
    // Its binding is going to fail, but its room need not wait for that.
    if (pod.metadata?.deletionTimestamp !== undefined && old.metadata?.deletionTimestamp === undefined) {
      cache.forgetPod(uid);
      freed(assumed, deps);
    }
    return;
  }
  queue.update(old, createPodInfo(pod));
  const nominated = old.status?.nominatedNodeName;
  if (nominated && nominated !== pod.status?.nominatedNodeName) nominationFreed(old, deps);
}

function freed({ pod }: PodInfo, { queue }: ClusterWatchDeps): void {
  queue.happened({ resource: "Pod", actions: remove, before: pod, after: undefined });
}

/** Pods of no higher priority were kept off its node as if it ran there. */
function nominationFreed(pod: DeepReadonly<Pod>, { queue }: ClusterWatchDeps): void {
  const priority = pod.spec?.priority ?? 0;
  queue.happened(
    { resource: "Pod", actions: remove, before: pod, after: undefined },
    (other) => other.priority <= priority,
  );
}
