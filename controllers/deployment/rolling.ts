import type { Bounds } from "./bounds.ts";
import { availableOf, nameOf, oldestFirst, type SeenSet, sizeOf, sum } from "./replica-sets.ts";

/** New sizes of ReplicaSets, by name; the others keep theirs. */
export type Sizes = ReadonlyMap<string, number>;

/** How many pods the newest ReplicaSet is to have now: as many more as the surge leaves room for. */
export function newestSize({ wanted, maxSurge }: Bounds, newest: SeenSet, old: readonly SeenSet[]): number {
  const size = sizeOf(newest);
  if (size >= wanted) return wanted;
  const room = wanted + maxSurge - size - sum(old, sizeOf);
  return size + Math.max(0, Math.min(room, wanted - size));
}

/**
 * How many pods the old ReplicaSets may lose now: first those that serve nobody, then as many as may be missed.
 * What the newest one has not got to work yet counts as missed already.
 */
export function oldSizes({ wanted, maxUnavailable }: Bounds, newest: SeenSet, old: readonly SeenSet[]): Sizes {
  const least = wanted - maxUnavailable;
  const sizes = new Map(old.toSorted(oldestFirst).map((set) => [nameOf(set), { set, size: sizeOf(set) }]));
  const spare = sum(old, sizeOf) + serving(newest) - least;
  take(sizes.values(), spare, ({ set }) => sizeOf(set) - serving(set));
  const available = sum(old, serving) + serving(newest);
  take(sizes.values(), available - least, ({ size }) => size);
  return new Map(
    [...sizes].filter(([, { set, size }]) => size !== sizeOf(set)).map(([name, { size }]) => [name, size]),
  );
}

interface Shrinking {
  readonly set: SeenSet;
  size: number;
}

/** From one after the other, from each at most so many, from all together at most `most`. */
function take(sets: Iterable<Shrinking>, most: number, upTo: (one: Shrinking) => number): void {
  let left = most;
  for (const one of sets) {
    const count = Math.min(left, upTo(one));
    if (count <= 0) continue;
    one.size -= count;
    left -= count;
  }
}

/** A status that is older than the last change of size may tell of pods that are on their way out. */
function serving(set: SeenSet): number {
  return Math.min(availableOf(set), sizeOf(set));
}
