import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide } from "./evictions.ts";
import { evictingTaints, staySeconds } from "./stay.ts";

const taint = (key: string, effect = "NoExecute", value = "") => ({ key, effect, ...(value === "" ? {} : { value }) });
const exists = (key: string, tolerationSeconds?: number) => ({
  key,
  operator: "Exists",
  effect: "NoExecute",
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
});

describe("how long a pod may stay", () => {
  it.each([
    ["no taint", [], [], Infinity],
    ["a taint that it does not tolerate", [taint("a")], [exists("b")], 0],
    ["one that it tolerates for good", [taint("a")], [exists("a")], Infinity],
    ["one that it tolerates for a while", [taint("a")], [exists("a", 300)], 300],
    ["the shortest of several", [taint("a"), taint("b")], [exists("a", 300), exists("b", 60)], 60],
    ["one of several that it does not tolerate", [taint("a"), taint("b")], [exists("a", 300)], 0],
    ["no time at all", [taint("a")], [exists("a", 0)], 0],
    ["less than that", [taint("a")], [exists("a", -5)], 0],
    ["another value", [taint("a", "NoExecute", "x")], [{ key: "a", operator: "Equal", value: "y" }], 0],
    ["everything", [taint("a"), taint("b")], [{ operator: "Exists" }], Infinity],
  ])("%s", (_what, taints, tolerations, expected) => {
    expect(staySeconds(taints, tolerations)).toBe(expected);
  });

  it("depends on taints that evict only", () => {
    const taints = [taint("a", "NoSchedule"), taint("b"), taint("c", "PreferNoSchedule")];
    expect(evictingTaints({ spec: { taints } })).toEqual([taint("b")]);
  });
});

describe("planning an eviction", () => {
  const planned = { uid: "u", at: 9000, isAnnounced: false };
  it.each([
    ["at once", { stay: 0, planned: undefined }, { is: "evict", eviction: { uid: "u", at: 1000, isAnnounced: false } }],
    ["later", { stay: 5, planned: undefined }, { is: "wait", eviction: { uid: "u", at: 6000, isAnnounced: false } }],
    ["as planned, whatever came since", { stay: 1, planned }, { is: "wait", eviction: planned }],
    ["as planned, though the node is gone", { stay: undefined, planned }, { is: "wait", eviction: planned }],
    [
      "sooner than planned",
      { stay: 0, planned },
      { is: "evict", eviction: { uid: "u", at: 1000, isAnnounced: false } },
    ],
    ["never", { stay: Infinity, planned }, { is: "none" }],
    ["never, since the node is gone", { stay: undefined, planned: undefined }, { is: "none" }],
  ])("%s", (_what, given, expected) => {
    expect(decide({ uid: "u", now: 1000, ...given })).toEqual(expected);
  });

  it("never puts off what is planned, and evicts nothing before its time", () => {
    const step = fc.record({
      stay: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constant(Infinity)),
      passes: fc.nat(60_000),
    });
    const run = (steps: { stay: number; passes: number }[]): void => {
      let now = 0;
      let plan: ReturnType<typeof decide> = { is: "none" };
      for (const { stay, passes } of steps) {
        const before = plan.is === "none" ? undefined : plan.eviction;
        plan = decide({ uid: "u", stay, planned: before, now });
        if (plan.is !== "none" && before !== undefined)
          expect(plan.eviction.at).toBeLessThanOrEqual(Math.max(before.at, now));
        if (plan.is === "evict") expect(plan.eviction.at).toBeLessThanOrEqual(now);
        if (plan.is === "wait") expect(plan.eviction.at).toBeGreaterThan(now);
        now += passes;
      }
    };
    fc.assert(fc.property(fc.array(step), run));
  });
});
