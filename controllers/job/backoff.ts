import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { finishedAt } from "./job-pods.ts";

const firstMs = 10_000;
const mostMs = 600_000;

/** Failures since the last success, of what is counted so far. */
export interface BackoffRecord {
  readonly failures: number;
  /** Milliseconds since the epoch. */
  readonly lastFailure: number;
}

export const noFailures: BackoffRecord = { failures: 0, lastFailure: 0 };

/** With pods that have ended since. A success ends the row of failures before it. */
export function recordEnds(
  before: BackoffRecord,
  succeeded: readonly DeepReadonly<Pod>[],
  failed: readonly DeepReadonly<Pod>[],
): BackoffRecord {
  const lastSuccess = Math.max(-Infinity, ...succeeded.map(finishedAt));
  const ends = failed.map(finishedAt).filter((end) => end > lastSuccess);
  const earlier = succeeded.length > 0 ? 0 : before.failures;
  if (ends.length === 0) return succeeded.length > 0 ? noFailures : before;
  return { failures: earlier + ends.length, lastFailure: Math.max(...ends) };
}

/**
 * Milliseconds until the next pod may be made: 10 s after the first failure, twice as long after each further one, at most
 * ten minutes. https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy
 */
export function backoffLeft({ failures, lastFailure }: BackoffRecord, now: number): number {
  if (failures === 0) return 0;
  const wait = Math.min(firstMs * 2 ** Math.min(failures - 1, 30), mostMs);
  return Math.max(0, lastFailure + wait - now);
}
