import type { Job } from "../../api/generated/types/batch-v1.ts";
import type { ContainerStatus, Pod } from "../../api/generated/types/core-v1.ts";
import { isPodTerminal, podCondition } from "../../api/core/pod-state.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { timeMillis } from "../../api/machinery/time.ts";

type ReadonlyPod = DeepReadonly<Pod>;

/** Keeps an ended pod from vanishing before it is counted. */
export const trackingFinalizer = "batch.kubernetes.io/job-tracking";
export const completionIndexKey = "batch.kubernetes.io/job-completion-index";
export const failureCountKey = "batch.kubernetes.io/job-index-failure-count";
export const ignoredFailureCountKey = "batch.kubernetes.io/job-index-ignored-failure-count";

export function isIndexed({ spec }: DeepReadonly<Job>): boolean {
  return spec?.completionMode === "Indexed";
}

export function isSuspended({ spec }: DeepReadonly<Job>): boolean {
  return spec?.suspend === true;
}

/** Whether a pod that is on its way out is replaced only when it has ended (`podReplacementPolicy: Failed`). */
export function replacesOnlyFailed({ spec }: DeepReadonly<Job>): boolean {
  return spec?.podReplacementPolicy === "Failed" || spec?.podFailurePolicy !== undefined;
}

/** Not counted yet. */
export function isTracked({ metadata }: ReadonlyPod): boolean {
  return metadata?.finalizers?.includes(trackingFinalizer) === true;
}

export function isGoing(pod: ReadonlyPod): boolean {
  return pod.metadata?.deletionTimestamp !== undefined && !isPodTerminal(pod);
}

export function hasSucceeded({ status }: ReadonlyPod): boolean {
  return status?.phase === "Succeeded";
}

/** One that was deleted may never get as far as to fail: it counts as failed at once, unless it has to end first. */
export function hasFailed(pod: ReadonlyPod, job: DeepReadonly<Job>): boolean {
  if (pod.status?.phase === "Failed") return true;
  if (replacesOnlyFailed(job)) return false;
  return pod.metadata?.deletionTimestamp !== undefined && !hasSucceeded(pod);
}

/** Undefined where it has none, or none that makes sense for the job. */
export function completionIndex({ metadata }: ReadonlyPod, completions: number): number | undefined {
  const text = metadata?.annotations?.[completionIndexKey] ?? "";
  const index = /^\d{1,9}$/.test(text) ? Number(text) : completions;
  return index < completions ? index : undefined;
}

/** How often pods of this index have failed before this one. */
export function indexFailures(pod: ReadonlyPod): { readonly counted: number; readonly ignored: number } {
  return { counted: countIn(pod, failureCountKey), ignored: countIn(pod, ignoredFailureCountKey) };
}

function countIn({ metadata }: ReadonlyPod, key: string): number {
  const text = metadata?.annotations?.[key] ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

/** When it ended, in milliseconds, as far as anything tells. */
export function finishedAt(pod: ReadonlyPod): number {
  const { metadata } = pod;
  const ready = podCondition(pod, "Ready");
  const deleted = timeMillis(metadata?.deletionTimestamp);
  return (
    lastContainerEnd(pod) ??
    (ready?.status === "False" ? timeMillis(ready.lastTransitionTime) : undefined) ??
    (deleted === undefined ? undefined : deleted - (metadata?.deletionGracePeriodSeconds ?? 0) * 1000) ??
    timeMillis(metadata?.creationTimestamp) ??
    0
  );
}

/** Undefined as long as one of them runs. Sidecars end after the others. */
function lastContainerEnd({ spec, status }: ReadonlyPod): number | undefined {
  const sidecars = new Set(
    (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always").map(({ name }) => name),
  );
  const lasting: DeepReadonly<ContainerStatus>[] = [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name)),
  ];
  const ends = lasting.map(({ state }) => timeMillis(state?.terminated?.finishedAt));
  if (ends.length === 0 || ends.includes(undefined)) return undefined;
  return Math.max(...ends.map((end) => end ?? 0));
}
