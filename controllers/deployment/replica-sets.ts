/** ReplicaSets as a Deployment sees them: in order, and counted. */
import type { ReplicaSet } from "../../api/generated/types/apps-v1.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { timeMillis } from "../../api/machinery/time.ts";

export type SeenSet = DeepReadonly<ReplicaSet>;

export const sizeOf = ({ spec }: SeenSet): number => spec?.replicas ?? 1;
export const nameOf = ({ metadata }: DeepReadonly<KubeObject>): string => metadata?.name ?? "";
export const actualOf = ({ status }: SeenSet): number => status?.replicas ?? 0;
export const availableOf = ({ status }: SeenSet): number => status?.availableReplicas ?? 0;

export function sum(sets: readonly SeenSet[], countOf: (set: SeenSet) => number): number {
  return sets.reduce((total, set) => total + countOf(set), 0);
}

/** Those that want pods. */
export function activeOf(sets: readonly SeenSet[]): SeenSet[] {
  return sets.filter((set) => sizeOf(set) > 0);
}

/** By age, and by name where that is the same. */
export function oldestFirst(left: SeenSet, right: SeenSet): number {
  const [one, other] = [left, right].map(({ metadata }) => timeMillis(metadata?.creationTimestamp) ?? 0);
  if (one !== other) return (one ?? 0) - (other ?? 0);
  return nameOf(left) < nameOf(right) ? -1 : 1;
}

export function largestFirst(among: "newest" | "oldest"): (left: SeenSet, right: SeenSet) => number {
  return (left, right) =>
    sizeOf(right) - sizeOf(left) || (among === "oldest" ? oldestFirst(left, right) : oldestFirst(right, left));
}
