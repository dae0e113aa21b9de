import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Node, Taint } from "../../api/generated/types/core-v1.ts";
import { type Health, isSilent, observe, silentConditions } from "./node-health.ts";
import { planLabels } from "./node-labels.ts";
import { planTaints } from "./node-taints.ts";
import { ObservedTime } from "./observed-time.ts";
import { TaintingPace } from "./tainting-pace.ts";
import { disruptionOf, stateOf, type Zone, zoneOf, type ZoneState } from "./zones.ts";

const now = Date.UTC(2026, 0, 1);
const at = "2026-01-01T00:00:00Z";
const [notReady, unreachable] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

function node(conditions: Record<string, string>, taints: Taint[] = [], unschedulable = false): Node {
  return {
    metadata: { name: "n", creationTimestamp: at },
    spec: { taints, ...(unschedulable ? { unschedulable } : {}) },
    status: { conditions: Object.entries(conditions).map(([type, status]) => ({ type, status })) },
  };
}
const shown = (
  taints: readonly { readonly key: string; readonly effect: string }[] | undefined,
): string[] | undefined => taints?.map(({ key, effect }) => `${key.replace("node.kubernetes.io/", "")}:${effect}`);
const noSchedule = (key: string): Taint => ({ key, effect: "NoSchedule", timeAdded: at });
const noExecute = (key: string): Taint => ({ key, effect: "NoExecute", timeAdded: at });

describe("the taints of a node", () => {
  it.each([
    ["is fine", node({ Ready: "True" }), undefined],
    ["is not ready", node({ Ready: "False" }), ["not-ready:NoSchedule"]],
    ["is silent", node({ Ready: "Unknown", MemoryPressure: "Unknown" }), ["unreachable:NoSchedule"]],
    [
      "is short of everything",
      node({
        MemoryPressure: "True",
        DiskPressure: "True",
        PIDPressure: "True",
        NetworkUnavailable: "True",
        Other: "True",
      }),
      [
        "memory-pressure:NoSchedule",
        "disk-pressure:NoSchedule",
        "pid-pressure:NoSchedule",
        "network-unavailable:NoSchedule",
      ],
    ],
    ["is cordoned", node({ Ready: "True" }, [], true), ["unschedulable:NoSchedule"]],
    ["has them already", node({ Ready: "False" }, [noSchedule(notReady)]), undefined],
    [
      "is well again, and has one of its own",
      node({ Ready: "True" }, [noSchedule(notReady), { key: "mine", effect: "NoSchedule" }, noExecute(unreachable)]),
      ["mine:NoSchedule"],
    ],
    [
      "is silent now rather than not ready",
      node({ Ready: "Unknown" }, [noSchedule(notReady), noExecute(notReady)]),
      ["unreachable:NoSchedule", "unreachable:NoExecute"],
    ],
    [
      "has both",
      node({ Ready: "False" }, [noSchedule(notReady), noExecute(notReady), noExecute(unreachable)]),
      ["not-ready:NoSchedule", "not-ready:NoExecute"],
    ],
    ["has a condition named like a member of all objects", node({ constructor: "name", __proto__: "x" }), undefined],
  ])("that %s", (_what, given, expected) => {
    expect(shown(planTaints(given, { now, turn: "later" }))).toEqual(expected);
  });

  it("say since when, and lose what evicts where nobody is to be evicted", () => {
    expect(planTaints(node({ Ready: "False" }), { now, turn: "later" })).toEqual([noSchedule(notReady)]);
    expect(shown(planTaints(node({ Ready: "False" }), { now, turn: "now" }))).toEqual([
      "not-ready:NoSchedule",
      "not-ready:NoExecute",
    ]);
    expect(planTaints(node({ Ready: "True" }), { now, turn: "now" })).toBeUndefined();
    const silent = node({ Ready: "Unknown" }, [noSchedule(unreachable), noExecute(unreachable)]);
    expect(planTaints(silent, { now, turn: "now" })).toBeUndefined();
    expect(shown(planTaints(silent, { now, turn: "never" }))).toEqual(["unreachable:NoSchedule"]);
  });
});

it.each([
  [
    { "kubernetes.io/os": "linux", "kubernetes.io/arch": "arm64" },
    { "beta.kubernetes.io/os": "linux", "beta.kubernetes.io/arch": "arm64" },
  ],
  [{ "kubernetes.io/os": "linux", "beta.kubernetes.io/os": "windows" }, { "beta.kubernetes.io/os": "linux" }],
  [{ "kubernetes.io/os": "linux", "beta.kubernetes.io/os": "linux" }, undefined],
  [{ "beta.kubernetes.io/os": "linux" }, undefined],
  [undefined, undefined],
])("labels %j lack %j", (labels, expected) => {
  expect(planLabels(labels)).toEqual(expected);
});

describe("the health of a node", () => {
  const ready = (lastHeartbeatTime: string): Node => ({
    metadata: { name: "n", creationTimestamp: at },
    status: { conditions: [{ type: "Ready", status: "True", lastHeartbeatTime }] },
  });
  const look = (before: Health | undefined, given: Node, observed: number, renewTime?: string): Health =>
    observe(before, { node: given, renewTime, observed, now: now + observed });

  it("is judged by heartbeats and leases, whatever time they say it is", () => {
    const first = look(undefined, ready(at), 0);
    expect(isSilent(first, 50_000, 50_000)).toBe(false);
    expect(isSilent(first, 50_001, 50_000)).toBe(true);
    expect(look(first, ready(at), 40_000)).toBe(first);
    expect(look(first, ready("1999-01-01T00:00:00Z"), 40_000).seenAt).toBe(40_000);
    const renewed = look(first, ready(at), 40_000, "2026-01-01T00:00:10.000000Z");
    expect(renewed.seenAt).toBe(40_000);
    expect(look(renewed, ready(at), 45_000, "2026-01-01T00:00:10.000000Z").seenAt).toBe(40_000);
    expect(look(renewed, ready(at), 45_000, "2026-01-01T00:00:05.000000Z").seenAt).toBe(40_000);
    expect(look(renewed, ready(at), 45_000, "2026-01-01T00:00:20.000000Z").seenAt).toBe(45_000);
  });

  it("of one that has never told anything counts from its creation, and longer", () => {
    const mute: Node = { metadata: { name: "n", creationTimestamp: at } };
    const health = observe(undefined, { node: mute, renewTime: undefined, observed: 0, now: now + 59_000 });
    expect(isSilent(health, 1000, 50_000)).toBe(false);
    expect(isSilent(health, 1001, 50_000)).toBe(true);
  });

  it("of a silent one says that nobody knows", () => {
    const unknown = { status: "Unknown", lastTransitionTime: at };
    const stopped = { ...unknown, reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." };
    const never = {
      ...unknown,
      reason: "NodeStatusNeverUpdated",
      message: "Kubelet never posted node status.",
      lastHeartbeatTime: at,
    };
    expect(
      silentConditions(node({ NetworkUnavailable: "False", MemoryPressure: "False", Ready: "True" }), now),
    ).toEqual([
      { type: "NetworkUnavailable", status: "False" },
      { type: "MemoryPressure", ...stopped },
      { type: "Ready", ...stopped },
      { type: "DiskPressure", ...never },
      { type: "PIDPressure", ...never },
    ]);
    expect(silentConditions(node({ Ready: "Unknown" }), now)).toBeUndefined();
  });
});

it("time counts only while somebody watches", () => {
  const time = new ObservedTime(10);
  expect([1000, 1005, 1010, 5000, 4000, 4003].map((clock) => time.look(clock))).toEqual([0, 5, 10, 20, 20, 23]);
});

describe("zones", () => {
  it.each<[Zone, ZoneState]>([
    [{ ready: 1, notReady: 0 }, "Normal"],
    [{ ready: 0, notReady: 1 }, "FullDisruption"],
    [{ ready: 1, notReady: 2 }, "Normal"],
    [{ ready: 2, notReady: 3 }, "PartialDisruption"],
    [{ ready: 3, notReady: 3 }, "Normal"],
    [{ ready: 0, notReady: 0 }, "Normal"],
  ])("%j are in %s", (zone, expected) => {
    expect(stateOf(zone)).toBe(expected);
  });

  it("are told from one another by region and zone", () => {
    const labelled = (labels: Record<string, string>): string => zoneOf({ metadata: { labels } });
    expect(zoneOf({})).toBe("");
    expect(labelled({ "topology.kubernetes.io/zone": "a", "topology.kubernetes.io/region": "r" })).toBe("r:\0:a");
    expect(labelled({ "topology.kubernetes.io/zone": "a", "failure-domain.beta.kubernetes.io/zone": "b" })).toBe(
      ":\0:b",
    );
  });

  const [well, ill, lost] = [
    { ready: 9, notReady: 0 },
    { ready: 2, notReady: 8 },
    { ready: 0, notReady: 9 },
  ];
  const large = { ready: 20, notReady: 40 };
  const turn = (before: Record<string, ZoneState>, zones: Record<string, Zone>): unknown => {
    const { states, rates, turn: is } = disruptionOf(new Map(Object.entries(before)), new Map(Object.entries(zones)));
    return { states: Object.fromEntries(states), rates: Object.fromEntries(rates), turn: is };
  };

  it.each([
    ["are new", {}, { a: well }, { a: "Normal" }, { a: 0.1 }, "none"],
    ["stay as they are", { a: "Normal" }, { a: well }, { a: "Normal" }, {}, "none"],
    ["fall ill, and are small", { a: "Normal" }, { a: ill }, { a: "PartialDisruption" }, { a: 0 }, "none"],
    ["fall ill, and are large", { a: "Normal" }, { a: large }, { a: "PartialDisruption" }, { a: 0.01 }, "none"],
    [
      "are lost, but one",
      { a: "Normal", b: "Normal" },
      { a: lost, b: well },
      { a: "FullDisruption", b: "Normal" },
      { a: 0.1 },
      "none",
    ],
    [
      "are all lost",
      { a: "Normal", b: "FullDisruption" },
      { a: lost, b: lost },
      { a: "FullDisruption", b: "FullDisruption" },
      { a: 0, b: 0 },
      "lost all",
    ],
    ["stay lost", { a: "FullDisruption" }, { a: lost }, { a: "FullDisruption" }, {}, "none"],
    [
      "are found again",
      { a: "FullDisruption", b: "FullDisruption" },
      { a: ill, b: lost },
      { a: "PartialDisruption", b: "FullDisruption" },
      { a: 0, b: 0.1 },
      "found some",
    ],
    ["are no more", { a: "Normal" }, {}, {}, {}, "none"],
  ] as const)("that %s", (_what, before, zones, states, rates, is) => {
    expect(turn(before, zones)).toEqual({ states, rates, turn: is });
  });
});

describe("the pace of tainting", () => {
  it("is one node per ten seconds, and begins anew when it changes", () => {
    const pace = new TaintingPace();
    expect(pace.wait(0)).toBe(0);
    pace.spend(0);
    expect([pace.wait(0), pace.wait(4000), pace.wait(10_000)]).toEqual([10_000, 6000, 0]);
    pace.setRate(0.01, 4000);
    expect([pace.wait(4000), pace.wait(104_000)]).toEqual([100_000, 0]);
    pace.setRate(0, 104_000);
    expect(pace.wait(1e9)).toBe(Infinity);
    pace.setRate(0.1, 200_000);
    expect([pace.wait(200_000), pace.wait(210_000)]).toEqual([10_000, 0]);
  });

  it("never taints more than it may, whatever happens to rate and clock", () => {
    const step = fc.record({
      passes: fc.integer({ min: 0, max: 30_000 }),
      rate: fc.constantFrom(undefined, 0, 0.01, 0.1),
    });
    const run = (steps: { passes: number; rate: number | undefined }[]): void => {
      const pace = new TaintingPace();
      let clock = 0;
      let tainted = 0;
      for (const { passes, rate } of steps) {
        clock += passes;
        if (rate !== undefined) pace.setRate(rate, clock);
        if (pace.wait(clock) > 0) continue;
        pace.spend(clock);
        tainted += 1;
      }
      expect(tainted).toBeLessThanOrEqual(clock / 10_000 + 1);
    };
    fc.assert(fc.property(fc.array(step), run));
  });

  it("keeps the order of those who wait", () => {
    const pace = new TaintingPace();
    pace.keepWaiting(["a", "b", "c"]);
    pace.keepWaiting(["d", "c", "b"]);
    expect([...pace.waiting]).toEqual(["b", "c", "d"]);
  });
});
