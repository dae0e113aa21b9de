import type { Bounds } from "./bounds.ts";
import { activeOf, availableOf, largestFirst, nameOf, oldestFirst, type SeenSet, sizeOf, sum } from "./replica-sets.ts";
import { desiredOf, maxOf } from "./revisions.ts";
import type { Sizes } from "./rolling.ts";

/** Whether the Deployment's own size was changed since its ReplicaSets were last brought in line with it. */
export function isScalingEvent({ wanted }: Bounds, sets: readonly SeenSet[]): boolean {
  return activeOf(sets).some((set) => {
    const desired = desiredOf(set);
    return desired !== undefined && desired !== wanted;
  });
}

export interface Scaled {
  readonly bounds: Bounds;
  readonly newest: SeenSet | undefined;
  readonly old: readonly SeenSet[];
  readonly isRolling: boolean;
  /** Pods of the Deployment, by its last status. */
  readonly statusReplicas: number;
}

/**
 * New sizes for all that have to know of the Deployment's: amid a rollout each ReplicaSet gets its share, so that a
 * change of size neither hastens the rollout nor sets it back.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling
 */
export function scaledSizes(scaled: Scaled): Sizes {
  const { bounds, newest, old, isRolling } = scaled;
  const all = newest === undefined ? old : [...old, newest];
  const active = activeOf(all);
  const only = active.length === 0 ? (newest ?? old.toSorted(oldestFirst).at(-1)) : active[0];
  if (only === undefined) return new Map();
  if (active.length <= 1) return new Map([[nameOf(only), bounds.wanted]]);
  if (newest !== undefined && isSaturated(newest, bounds)) return new Map(activeOf(old).map((set) => [nameOf(set), 0]));
  return isRolling ? proportional(active, scaled) : new Map();
}

/** The newest one can carry all: it says so, and the Deployment does. */
function isSaturated(set: SeenSet, { wanted }: Bounds): boolean {
  return sizeOf(set) === wanted && desiredOf(set) === wanted && availableOf(set) === wanted;
}

function proportional(active: readonly SeenSet[], { bounds, statusReplicas }: Scaled): Sizes {
  const allowed = bounds.wanted > 0 ? bounds.wanted + bounds.maxSurge : 0;
  const toAdd = allowed - sum(active, sizeOf);
  const sizes = new Map<string, number>();
  let added = 0;
  const ordered = active.toSorted(largestFirst(toAdd > 0 ? "newest" : "oldest"));
  for (const set of ordered) {
    const share = toAdd === 0 || toAdd === added ? 0 : fraction(set, bounds, statusReplicas);
    const count = toAdd > 0 ? Math.min(share, toAdd - added) : Math.max(share, toAdd - added);
    sizes.set(nameOf(set), sizeOf(set) + count);
    added += count;
  }
  const [largest] = ordered;
  // What rounding has left over is the largest one's.
  if (largest !== undefined) sizes.set(nameOf(largest), Math.max(0, (sizes.get(nameOf(largest)) ?? 0) + toAdd - added));
  return sizes;
}

/** How many more pods (or fewer, when negative) keep its share of the whole. */
function fraction(set: SeenSet, { wanted, maxSurge }: Bounds, statusReplicas: number): number {
  const size = sizeOf(set);
  if (wanted === 0) return -size;
  // Where somebody has removed the annotation, what there is stands for what there was to be.
  const before = maxOf(set) || statusReplicas;
  return before === 0 ? 0 : roundedHalfAway((size * (wanted + maxSurge)) / before) - size;
}

function roundedHalfAway(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value));
}
