import type { Job } from "../../api/generated/types/batch-v1.ts";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import { isPodActive, isPodReady } from "../../api/core/pod-state.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { IndexSet } from "./index-set.ts";
import {
  completionIndex,
  finishedAt,
  hasFailed,
  hasSucceeded,
  indexFailures,
  isGoing,
  isIndexed,
  isTracked,
} from "./job-pods.ts";
import { judgeFailure } from "./pod-failure-policy.ts";

type ReadonlyPod = DeepReadonly<Pod>;

/** Where a job stands, by its status and its pods together: what has ended and is not in the status yet counts. */
export interface Tally {
  readonly pods: readonly ReadonlyPod[];
  readonly active: readonly ReadonlyPod[];
  readonly ready: number;
  /** On their way out. */
  readonly terminating: readonly ReadonlyPod[];
  /** Ended since the status was written, one by one. */
  readonly newlySucceeded: readonly ReadonlyPod[];
  readonly newlyFailed: readonly ReadonlyPod[];
  readonly succeeded: number;
  readonly failed: number;
  /** Of an indexed job. */
  readonly indexes?: IndexTally;
}

export interface IndexTally {
  readonly completions: number;
  /** As the status has it. */
  readonly before: IndexSet;
  readonly completed: IndexSet;
  /** Absent without a limit per index. */
  readonly failed?: IndexSet;
  /** The last failed pod of an index that has no other yet: its successor inherits the count of failures from it. */
  readonly toReplace: ReadonlyMap<number, ReadonlyPod>;
}

export function tallyOf(job: DeepReadonly<Job>, pods: readonly ReadonlyPod[]): Tally {
  const { status } = job;
  const { succeeded: uncountedSucceeded = [], failed: uncountedFailed = [] } = status?.uncountedTerminatedPods ?? {};
  const active = pods.filter(isPodActive);
  const completions = job.spec?.completions ?? 0;
  const valid = pods.filter(
    (pod) => isTracked(pod) && (!isIndexed(job) || completionIndex(pod, completions) !== undefined),
  );
  const isNew = (pod: ReadonlyPod, uncounted: readonly string[]): boolean =>
    !uncounted.includes(pod.metadata?.uid ?? "");
  const newlySucceeded = valid.filter((pod) => hasSucceeded(pod) && isNew(pod, uncountedSucceeded));
  const newlyFailed = valid.filter((pod) => hasFailed(pod, job) && isNew(pod, uncountedFailed));
  const policy = job.spec?.podFailurePolicy;
  const countedFailed = newlyFailed.filter((pod) => judgeFailure(policy, pod).isCounted);
  const indexes = isIndexed(job) ? tallyIndexes(job, { valid, active, completions }) : undefined;
  return {
    pods,
    active,
    ready: active.filter(isPodReady).length,
    terminating: pods.filter(isGoing),
    newlySucceeded,
    newlyFailed,
    succeeded: indexes?.completed.size ?? (status?.succeeded ?? 0) + newlySucceeded.length + uncountedSucceeded.length,
    failed: (status?.failed ?? 0) + countedFailed.length + uncountedFailed.length,
    ...(indexes === undefined ? {} : { indexes }),
  };
}

interface IndexedPods {
  /** Not counted yet, with an index of the job's. */
  readonly valid: readonly ReadonlyPod[];
  readonly active: readonly ReadonlyPod[];
  readonly completions: number;
}

function tallyIndexes(job: DeepReadonly<Job>, { valid, active, completions }: IndexedPods): IndexTally {
  const indexesOf = (pods: readonly ReadonlyPod[]): IndexSet =>
    IndexSet.of(pods.flatMap((pod) => completionIndex(pod, completions) ?? []));
  const before = IndexSet.parse(job.status?.completedIndexes ?? "", completions);
  const completed = before.union(indexesOf(valid.filter(hasSucceeded)));
  if (job.spec?.backoffLimitPerIndex === undefined) return { completions, before, completed, toReplace: new Map() };
  const failedBefore = IndexSet.parse(job.status?.failedIndexes ?? "", completions);
  const failed = failedBefore.union(indexesOf(valid.filter((pod) => failsItsIndex(pod, job))));
  const busy = indexesOf(active);
  const toReplace = new Map<number, ReadonlyPod>();
  for (const pod of valid) {
    const index = completionIndex(pod, completions);
    if (index === undefined || !hasFailed(pod, job)) continue;
    if (completed.has(index) || failed.has(index) || busy.has(index)) continue;
    const other = toReplace.get(index);
    if (other === undefined || isLater(pod, other)) toReplace.set(index, pod);
  }
  return { completions, before, completed, failed, toReplace };
}

function failsItsIndex(pod: ReadonlyPod, job: DeepReadonly<Job>): boolean {
  if (!hasFailed(pod, job)) return false;
  const { isCounted, action } = judgeFailure(job.spec?.podFailurePolicy, pod);
  if (action === "FailIndex") return true;
  return isCounted && indexFailures(pod).counted >= (job.spec?.backoffLimitPerIndex ?? 0);
}

function isLater(pod: ReadonlyPod, other: ReadonlyPod): boolean {
  const [mine, theirs] = [indexFailures(pod), indexFailures(other)];
  const isFurther = theirs.counted + theirs.ignored <= mine.counted + mine.ignored;
  return isFurther && finishedAt(pod) >= finishedAt(other);
}
