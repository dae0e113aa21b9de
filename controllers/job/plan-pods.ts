import type { Job } from "../../api/generated/types/batch-v1.ts";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { deletionOrder } from "../replicaset/deletion-order.ts";
import { backoffLeft, type BackoffRecord } from "./backoff.ts";
import { IndexSet } from "./index-set.ts";
import { completionIndex, finishedAt, indexFailures, isSuspended, replacesOnlyFailed } from "./job-pods.ts";
import type { IndexTally, Tally } from "./tally.ts";

type ReadonlyPod = DeepReadonly<Pod>;

/** So many at once, so that one large job does not keep the others waiting. */
const burst = 500;

export type PodPlan =
  | { readonly do: "delete"; readonly pods: readonly ReadonlyPod[] }
  /** One pod for each; undefined where the job has no indexes. */
  | { readonly do: "create"; readonly indexes: readonly (number | undefined)[] }
  /** Until failures are further back, in milliseconds. */
  | { readonly do: "wait"; readonly milliseconds: number }
  | { readonly do: "nothing" };

const nothing: PodPlan = { do: "nothing" };

/** How a job that goes on gets as many active pods as it wants. Deletions come first, creations with the next look. */
export function planPods(job: DeepReadonly<Job>, tally: Tally, backoff: BackoffRecord, now: number): PodPlan {
  const { active, terminating, indexes } = tally;
  if (isSuspended(job)) return active.length === 0 ? nothing : { do: "delete", pods: active };
  const wanted = wantedActive(job, tally);
  const surplus = surplusPods(tally, Math.max(0, active.length - wanted), now);
  if (surplus.length > 0) return { do: "delete", pods: surplus.slice(0, burst) };
  const missing = wanted - active.length - (replacesOnlyFailed(job) ? terminating.length : 0);
  if (missing <= 0) return nothing;
  const count = Math.min(missing, burst);
  if (indexes?.failed !== undefined) return planIndexes(pendingIndexes(job, tally, indexes, count), indexes, now);
  const wait = backoffLeft(backoff, now);
  if (wait > 0) return { do: "wait", milliseconds: wait };
  return {
    do: "create",
    indexes:
      indexes === undefined ? Array.from<undefined>({ length: count }) : pendingIndexes(job, tally, indexes, count),
  };
}

/** Without a number of completions the first success ends it: then nothing new is started. */
function wantedActive({ spec }: DeepReadonly<Job>, { succeeded, active }: Tally): number {
  const parallelism = spec?.parallelism ?? 1;
  if (spec?.completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(spec.completions - succeeded, parallelism));
}

/** At least so many, and all that have another's index or none of the job's. */
function surplusPods({ active, indexes }: Tally, atLeast: number, now: number): readonly ReadonlyPod[] {
  const order = (pods: readonly ReadonlyPod[]): ReadonlyPod[] =>
    deletionOrder(
      pods.map((pod) => ({ pod, neighbours: 0 })),
      now,
    );
  if (indexes === undefined) return order(active).slice(0, atLeast);
  const kept = new Map<number, ReadonlyPod>();
  const surplus: ReadonlyPod[] = [];
  // Those that are furthest come last, and keep the index.
  for (const pod of order(active)) {
    const index = completionIndex(pod, indexes.completions);
    const other = index === undefined ? pod : kept.get(index);
    if (other !== undefined) surplus.push(other);
    if (index !== undefined) kept.set(index, pod);
  }
  if (surplus.length >= atLeast) return surplus;
  return [...surplus, ...order([...kept.values()]).slice(0, atLeast - surplus.length)];
}

function pendingIndexes(
  job: DeepReadonly<Job>,
  { active, terminating }: Tally,
  { completions, completed, failed = IndexSet.empty }: IndexTally,
  count: number,
): number[] {
  const busy = [...active, ...(replacesOnlyFailed(job) ? terminating : [])];
  const taken = IndexSet.of(busy.flatMap((pod) => completionIndex(pod, completions) ?? []));
  return completed.union(failed).union(taken).missing(count, completions);
}

/** With a limit per index, each index waits for itself. */
function planIndexes(pending: readonly number[], { toReplace }: IndexTally, now: number): PodPlan {
  const waits = pending.map((index) => waitOf(toReplace.get(index), now));
  const ready = pending.filter((_, at) => waits[at] === 0);
  if (ready.length > 0) return { do: "create", indexes: ready };
  return pending.length === 0 ? nothing : { do: "wait", milliseconds: Math.min(...waits) };
}

function waitOf(replaced: ReadonlyPod | undefined, now: number): number {
  if (replaced === undefined) return 0;
  const { counted, ignored } = indexFailures(replaced);
  return backoffLeft({ failures: counted + ignored + 1, lastFailure: finishedAt(replaced) }, now);
}
