import type { StatefulSetStatus } from "../../api/generated/types/apps-v1.ts";
import { isPodAvailable, isPodReady, isPodTerminating } from "../../api/core/pod-state.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { type AnyPod, type AnySet, replicasOf, revisionOf } from "./identity.ts";

type Status = DeepReadonly<StatefulSetStatus>;

export interface Counted {
  readonly set: AnySet;
  /** Its pods, also what has ended or is on its way out. */
  readonly pods: readonly AnyPod[];
  /** Names of revisions. */
  readonly current: string;
  readonly update: string;
  readonly collisionCount: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The status that is true now; the very one from before where nothing has changed. */
export function statusOf({ set, pods, current, update, collisionCount, now }: Counted): Status {
  const ready = pods.filter((pod) => pod.status?.phase === "Running" && isPodReady(pod));
  const staying = pods.filter((pod) => !isPodTerminating(pod));
  const at = (revision: string): number => staying.filter((pod) => revisionOf(pod) === revision).length;
  const counted = {
    observedGeneration: set.metadata?.generation ?? 0,
    replicas: pods.length,
    readyReplicas: ready.length,
    currentReplicas: at(current),
    updatedReplicas: at(update),
    currentRevision: current,
    updateRevision: update,
    collisionCount,
    availableReplicas: ready.filter((pod) => isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, now)).length,
  };
  const status = isUpdated(set, counted)
    ? { ...counted, currentReplicas: counted.updatedReplicas, currentRevision: update }
    : counted;
  const before = set.status;
  return before !== undefined && isSame(status, before) ? before : status;
}

/** Once all replicas are at the newest revision and ready, it becomes the current one. */
function isUpdated(
  set: AnySet,
  { replicas, readyReplicas, updatedReplicas }: Required<Omit<Status, "conditions">>,
): boolean {
  const wanted = replicasOf(set);
  return (
    set.spec?.updateStrategy?.type === "RollingUpdate" &&
    [replicas, readyReplicas, updatedReplicas].every((count) => count === wanted)
  );
}

/** Counts that are zero are left out on the wire. */
function isSame(status: Status, before: Status): boolean {
  return (
    (status.observedGeneration ?? 0) <= (before.observedGeneration ?? 0) &&
    status.currentRevision === before.currentRevision &&
    status.updateRevision === before.updateRevision &&
    counts.every((count) => (status[count] ?? 0) === (before[count] ?? 0))
  );
}

const counts = [
  "replicas",
  "readyReplicas",
  "currentReplicas",
  "updatedReplicas",
  "availableReplicas",
  "collisionCount",
] as const;
