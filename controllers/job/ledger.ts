import type { Job, JobStatus } from "../../api/generated/types/batch-v1.ts";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { IndexSet } from "./index-set.ts";
import { completionIndex, hasFailed, hasSucceeded, isTracked } from "./job-pods.ts";
import { judgeFailure } from "./pod-failure-policy.ts";
import type { Tally } from "./tally.ts";
import type { Verdict } from "./verdict.ts";

type ReadonlyPod = DeepReadonly<Pod>;
type Status = DeepReadonly<JobStatus>;

/** So many at a time are between "ended" and "counted", so that the status stays small. */
const maxUncounted = 500;

/**
 * How ended pods are counted exactly once, whatever happens in between (KEP-2307): first their uids are written into the
 * status, then they lose the finalizer that kept them, then they move from the list of uids into the counts.
 */
export interface Ledger {
  /** With the uids of what has ended. */
  readonly status: Status;
  /** What loses its finalizer once that is written. */
  readonly release: readonly ReadonlyPod[];
  /** There is more than goes at a time. */
  readonly isFull: boolean;
}

export function openLedger(job: DeepReadonly<Job>, tally: Tally, verdict: Verdict | undefined): Ledger {
  const { indexes } = tally;
  const status = countReleased(job.status ?? {}, tally.pods.filter(isTracked));
  const succeeded = [...(status.uncountedTerminatedPods?.succeeded ?? [])];
  const failed = [...(status.uncountedTerminatedPods?.failed ?? [])];
  const newIndexes: number[] = [];
  const release: ReadonlyPod[] = [];
  let isFull = false;
  for (const pod of inOrder(tally)) {
    if (!isTracked(pod) || !mayBeReleased(pod, job, tally, verdict)) continue;
    release.push(pod);
    const { uid = "" } = pod.metadata ?? {};
    const index = indexes === undefined ? undefined : completionIndex(pod, indexes.completions);
    const isOurs = indexes === undefined || index !== undefined;
    if (hasSucceeded(pod) && !failed.includes(uid)) {
      // Of an indexed job the index itself tells whether it was counted.
      if (index !== undefined && indexes?.before.has(index) === false) newIndexes.push(index);
      else if (indexes === undefined && !succeeded.includes(uid)) succeeded.push(uid);
    } else if (isOurs && !failed.includes(uid) && countsAsFailed(pod, job, verdict)) failed.push(uid);
    isFull = newIndexes.length + succeeded.length + failed.length >= maxUncounted;
    if (isFull) break;
  }
  const counted = { ...status, ...indexCounts(tally, newIndexes) };
  return { status: { ...counted, uncountedTerminatedPods: uids(succeeded, failed) }, release, isFull };
}

/** Ended pods that are kept no longer are counted; the status itself where there are none. */
export function countReleased(status: Status, tracked: readonly ReadonlyPod[]): Status {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const kept = new Set(tracked.map(({ metadata }) => metadata?.uid ?? ""));
  const isKept = (uid: string): boolean => kept.has(uid);
  const [stillSucceeded, stillFailed] = [succeeded.filter(isKept), failed.filter(isKept)];
  const [moreSucceeded, moreFailed] = [succeeded.length - stillSucceeded.length, failed.length - stillFailed.length];
  if (moreSucceeded === 0 && moreFailed === 0) return status;
  return {
    ...status,
    ...(moreSucceeded === 0 ? {} : { succeeded: (status.succeeded ?? 0) + moreSucceeded }),
    ...(moreFailed === 0 ? {} : { failed: (status.failed ?? 0) + moreFailed }),
    uncountedTerminatedPods: uids(stillSucceeded, stillFailed),
  };
}

export function hasUncounted({ uncountedTerminatedPods: uncounted }: Status): boolean {
  return (uncounted?.succeeded?.length ?? 0) + (uncounted?.failed?.length ?? 0) > 0;
}

function uids(succeeded: readonly string[], failed: readonly string[]): NonNullable<Status["uncountedTerminatedPods"]> {
  return {
    ...(succeeded.length === 0 ? {} : { succeeded }),
    ...(failed.length === 0 ? {} : { failed }),
  };
}

function inOrder({ pods, indexes }: Tally): readonly ReadonlyPod[] {
  if (indexes === undefined) return pods;
  const indexOf = (pod: ReadonlyPod): number => completionIndex(pod, indexes.completions) ?? -1;
  return pods.toSorted((left, right) => indexOf(left) - indexOf(right));
}

/** One that its index's next pod inherits a count from is kept until that pod is there. */
function mayBeReleased(
  pod: ReadonlyPod,
  job: DeepReadonly<Job>,
  { indexes }: Tally,
  verdict: Verdict | undefined,
): boolean {
  if (job.metadata?.deletionTimestamp !== undefined || verdict !== undefined || hasSucceeded(pod)) return true;
  if (!hasFailed(pod, job)) return false;
  const index = indexes?.failed === undefined ? undefined : completionIndex(pod, indexes.completions);
  return index === undefined || indexes?.toReplace.get(index)?.metadata?.uid !== pod.metadata?.uid;
}

/** Where the job has failed, so has every pod that was still at work. */
function countsAsFailed(pod: ReadonlyPod, job: DeepReadonly<Job>, verdict: Verdict | undefined): boolean {
  if (!hasFailed(pod, job) && verdict?.type !== "FailureTarget") return false;
  return judgeFailure(job.spec?.podFailurePolicy, pod).isCounted;
}

function indexCounts({ indexes }: Tally, newIndexes: readonly number[]): Status {
  if (indexes === undefined) return {};
  const completed = indexes.completed.union(IndexSet.of(newIndexes));
  return {
    succeeded: completed.size,
    completedIndexes: completed.toString(),
    ...(indexes.failed === undefined ? {} : { failedIndexes: indexes.failed.toString() }),
  };
}
