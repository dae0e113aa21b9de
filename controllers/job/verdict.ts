import type { Job, SuccessPolicy } from "../../api/generated/types/batch-v1.ts";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { timeMillis } from "../../api/machinery/time.ts";
import { IndexSet } from "./index-set.ts";
import { conditionOf } from "./job-conditions.ts";
import { hasFailed, isSuspended } from "./job-pods.ts";
import { judgeFailure } from "./pod-failure-policy.ts";
import type { IndexTally, Tally } from "./tally.ts";

/** That a job ends, and how: told at once, and again as Complete or Failed when its pods are gone. */
export interface Verdict {
  readonly type: "SuccessCriteriaMet" | "FailureTarget";
  readonly reason: string;
  readonly message: string;
}

/**
 * Whether the job has to end although pods may still run. What was said once stands; then failures are looked at, then
 * successes. https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup
 */
export function judge(job: DeepReadonly<Job>, tally: Tally, now: number): Verdict | undefined {
  return (
    said(job, "SuccessCriteriaMet") ??
    said(job, "FailureTarget") ??
    failureByPolicy(job, tally.pods) ??
    failureByLimits(job, tally, now) ??
    failureByIndexes(job, tally.indexes) ??
    successByPolicy(job, tally.indexes)
  );
}

function said(job: DeepReadonly<Job>, type: Verdict["type"]): Verdict | undefined {
  const condition = conditionOf(job, type);
  return condition && { type, reason: condition.reason ?? "", message: condition.message ?? "" };
}

const failure = (reason: string, message: string): Verdict => ({ type: "FailureTarget", reason, message });

function failureByPolicy(job: DeepReadonly<Job>, pods: readonly DeepReadonly<Pod>[]): Verdict | undefined {
  const policy = job.spec?.podFailurePolicy;
  if (policy === undefined) return undefined;
  for (const pod of pods) {
    const { failsJob } = hasFailed(pod, job) ? judgeFailure(policy, pod) : { failsJob: undefined };
    if (failsJob !== undefined) return failure("PodFailurePolicy", failsJob);
  }
  return undefined;
}

function failureByLimits(job: DeepReadonly<Job>, { failed, pods }: Tally, now: number): Verdict | undefined {
  if (failed > (job.spec?.backoffLimit ?? 6) || hasRestartedTooOften(job, pods))
    return failure("BackoffLimitExceeded", "Job has reached the specified backoff limit");
  return deadlineIn(job, now) === 0
    ? failure("DeadlineExceeded", "Job was active longer than specified deadline")
    : undefined;
}

/** Where containers are restarted in place, that counts instead of new pods. */
function hasRestartedTooOften({ spec }: DeepReadonly<Job>, pods: readonly DeepReadonly<Pod>[]): boolean {
  if (spec?.template.spec?.restartPolicy !== "OnFailure") return false;
  const limit = spec.backoffLimit ?? 6;
  const restarts = pods
    .filter(({ status }) => status?.phase === "Running" || status?.phase === "Pending")
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** Milliseconds until the job has been active for too long; undefined where that never happens. */
export function deadlineIn(job: DeepReadonly<Job>, now: number): number | undefined {
  const seconds = job.spec?.activeDeadlineSeconds;
  const start = timeMillis(job.status?.startTime);
  if (seconds === undefined || start === undefined || isSuspended(job)) return undefined;
  return Math.max(0, start + seconds * 1000 - now);
}

function failureByIndexes({ spec }: DeepReadonly<Job>, indexes: IndexTally | undefined): Verdict | undefined {
  const failed = indexes?.failed?.size ?? 0;
  if (indexes === undefined || failed === 0) return undefined;
  if (spec?.maxFailedIndexes !== undefined && failed > spec.maxFailedIndexes)
    return failure("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
  return failed + indexes.completed.size >= indexes.completions
    ? failure("FailedIndexes", "Job has failed indexes")
    : undefined;
}

function successByPolicy({ spec }: DeepReadonly<Job>, indexes: IndexTally | undefined): Verdict | undefined {
  if (indexes === undefined || indexes.completed.size === 0) return undefined;
  const met = (spec?.successPolicy?.rules ?? []).findIndex((rule) => isMet(rule, indexes));
  if (met < 0) return undefined;
  return { type: "SuccessCriteriaMet", reason: "SuccessPolicy", message: `Matched rules at index ${met}` };
}

function isMet(
  { succeededIndexes, succeededCount }: DeepReadonly<SuccessPolicy["rules"][number]>,
  { completed, completions }: IndexTally,
): boolean {
  if (succeededIndexes === undefined) return succeededCount !== undefined && completed.size >= succeededCount;
  const wanted = IndexSet.parse(succeededIndexes, completions);
  if (wanted.size === 0) return false;
  const done = completed.overlap(wanted);
  return done === wanted.size || (succeededCount !== undefined && done >= succeededCount);
}

/** By the number of its successes, when no pod is active any more. */
export function isComplete({ spec }: DeepReadonly<Job>, { succeeded, active }: Tally): boolean {
  if (active.length > 0) return false;
  return spec?.completions === undefined ? succeeded > 0 : succeeded >= spec.completions;
}

export const completionsReached: Verdict = {
  type: "SuccessCriteriaMet",
  reason: "CompletionsReached",
  message: "Reached expected number of succeeded pods",
};
