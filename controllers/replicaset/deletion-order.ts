import type { Pod } from "../../api/generated/types/core-v1.ts";
import { isPodReady, podCondition } from "../../api/core/pod-state.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { timeMillis } from "../../api/machinery/time.ts";

const deletionCost = "controller.kubernetes.io/pod-deletion-cost";
const phases = ["Pending", "Unknown", "Running"];

/** A pod, and how many pods of the same workload share its node. */
export interface Ranked {
  readonly pod: DeepReadonly<Pod>;
  readonly neighbours: number;
}

/**
 * Which pods go first when there are too many: those that have got least far, that their user calls cheap, that share a
 * node with most others, that serve for the shortest time. `now` in milliseconds.
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset
 */
export function deletionOrder(ranked: readonly Ranked[], now: number): DeepReadonly<Pod>[] {
  return ranked
    .map((one) => ({ one, by: criteriaOf(one, now) }))
    .toSorted((left, right) => compare(left.by, right.by))
    .map(({ one }) => one.pod);
}

/** The smaller one goes first, compared from left to right. */
function criteriaOf({ pod, neighbours }: Ranked, now: number): readonly number[] {
  const { spec, status, metadata } = pod;
  const isReady = isPodReady(pod);
  const restarts = (status?.containerStatuses ?? []).map(({ restartCount }) => restartCount);
  return [
    spec?.nodeName === undefined || spec.nodeName === "" ? 0 : 1,
    phases.indexOf(status?.phase ?? ""),
    isReady ? 1 : 0,
    costOf(pod),
    -neighbours,
    isReady ? magnitude(now - (timeMillis(podCondition(pod, "Ready")?.lastTransitionTime) ?? 0)) : 0,
    -Math.max(0, ...restarts),
    magnitude(now - (timeMillis(metadata?.creationTimestamp) ?? 0)),
  ];
}

/** Times are compared by their order of magnitude, so that not always the same pods go. */
function magnitude(milliseconds: number): number {
  return Math.floor(Math.log2(Math.max(milliseconds, 1)));
}

function costOf({ metadata }: DeepReadonly<Pod>): number {
  const text = metadata?.annotations?.[deletionCost];
  return text !== undefined && /^-?(0|[1-9]\d*)$/.test(text) ? Number(text) : 0;
}

function compare(left: readonly number[], right: readonly number[]): number {
  for (const [index, value] of left.entries()) {
    const difference = value - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
