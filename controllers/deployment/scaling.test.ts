import { describe, expect, it } from "vitest";
import type { Bounds } from "./bounds.ts";
import type { SeenSet } from "./replica-sets.ts";
import { sizeAnnotations } from "./revisions.ts";
import { isScalingEvent, scaledSizes } from "./scaling.ts";

const bounds = (wanted: number, maxSurge = 0): Bounds => ({ wanted, maxSurge, maxUnavailable: 0 });

/** The last of them is the newest; null where there is none of the present template. */
function setsOf(sizes: readonly (number | null)[], before: Bounds, available?: number): SeenSet[] {
  return sizes.flatMap((replicas, at) => {
    if (replicas === null) return [];
    const metadata = {
      name: `v${at}`,
      creationTimestamp: `2016-05-20T0${at}:00:00Z`,
      annotations: sizeAnnotations(before),
    };
    const availableReplicas = available ?? replicas;
    return [{ metadata, spec: { replicas, selector: {} }, status: { replicas, availableReplicas } }];
  });
}

function scaled(
  before: Bounds,
  after: Bounds,
  sizes: readonly (number | null)[],
  available?: number,
): (number | null)[] {
  const sets = setsOf(sizes, before, available);
  const newest = sizes.at(-1) === null ? undefined : sets.at(-1);
  const old = sets.filter((set) => set !== newest);
  const wanted = scaledSizes({ bounds: after, newest, old, isRolling: true, statusReplicas: 0 });
  return sizes.map((size, at) => (size === null ? null : (wanted.get(`v${at}`) ?? size)));
}

describe("a change of a Deployment's size", () => {
  it.each<[string, Bounds, Bounds, (number | null)[], (number | null)[]]>([
    ["up, with one ReplicaSet", bounds(10), bounds(12), [10], [12]],
    ["down, with one ReplicaSet", bounds(10), bounds(5), [10], [5]],
    ["up, amid a rollout", bounds(5), bounds(10), [3, 2], [6, 4]],
    ["down, amid a rollout", bounds(5), bounds(3), [3, 2], [2, 1]],
    ["down by more than the small one has", bounds(9), bounds(4), [1, 8], [0, 4]],
    ["up, with three of them", bounds(7), bounds(10), [2, 3, 2], [3, 4, 3]],
    ["down, with three of them", bounds(13), bounds(8), [3, 8, 2], [2, 5, 1]],
    ["up by one: the newest gets it", bounds(3), bounds(4), [1, 1, 1], [1, 1, 2]],
    ["down by one: the oldest gives it", bounds(3), bounds(2), [1, 1, 1], [0, 1, 1]],
    ["up, before the newest is made", bounds(4), bounds(5), [2, 2, null], [2, 3, null]],
    ["to nothing", bounds(6), bounds(0), [1, 2, 3], [0, 0, 0]],
    ["from nothing", bounds(6), bounds(6), [0, 0, 0], [0, 0, 6]],
    ["with a surge", bounds(10, 2), bounds(20, 2), [6, 6], [11, 11]],
    ["together with the surge", bounds(10, 3), bounds(50, 6), [8, 5], [34, 22]],
    ["together with the template", bounds(10), bounds(14), [3, 7, null], [4, 10, null]],
  ])("is shared out: %s", (_, before, after, sizes, expected) => {
    expect(scaled(before, after, sizes)).toEqual(expected);
  });

  it("leaves the old pods alone when the newest has all pods, but none that works", () => {
    expect(scaled(bounds(2, 1), { ...bounds(2, 1), maxUnavailable: 1 }, [1, 2], 0)).toEqual([1, 2]);
  });

  it("ends the old pods when all of the newest work", () => {
    expect(scaled(bounds(2, 1), bounds(2, 1), [1, 2])).toEqual([0, 2]);
  });

  it("shows in what the ReplicaSets were told last, as far as they were told something sensible", () => {
    expect(isScalingEvent(bounds(3), setsOf([1, 2], bounds(3)))).toBe(false);
    expect(isScalingEvent(bounds(4), setsOf([1, 2], bounds(3)))).toBe(true);
    expect(isScalingEvent(bounds(4), setsOf([0], bounds(3)))).toBe(false);
    const annotations = { "deployment.kubernetes.io/desired-replicas": "many" };
    const told = setsOf([2], bounds(3)).map((set) => ({ ...set, metadata: { ...set.metadata, annotations } }));
    expect(isScalingEvent(bounds(4), told)).toBe(false);
  });
});
