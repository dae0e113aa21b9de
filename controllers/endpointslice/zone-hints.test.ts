import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Node } from "../../api/generated/types/core-v1.ts";
import type { SliceChanges } from "./plan.ts";
import type { Slice } from "./service-slice.ts";
import { isOverloaded, withZoneShares } from "./zone-hints.ts";
import { zoneSharesOf } from "./zone-shares.ts";

const slice = (zones: readonly (string | undefined)[], ready = true): Slice => ({
  addressType: "IPv4",
  endpoints: zones.map((zone, index) => ({
    addresses: [`10.0.0.${index + 1}`],
    conditions: { ready },
    ...(zone === undefined ? {} : { zone }),
  })),
});
const creating = (...create: Slice[]): SliceChanges => ({ create, update: [], delete: [], unchanged: [] });
const even = new Map([
  ["a", 0.5],
  ["b", 0.5],
]);

function hintsOf({ create, update, unchanged }: SliceChanges): string[] {
  return [...create, ...update, ...unchanged].flatMap(({ endpoints }) =>
    (endpoints ?? []).flatMap(({ hints }) => hints?.forZones?.map(({ name }) => name) ?? []),
  );
}

describe("hints by shares of zones", () => {
  it.each([
    ["what is even stays in its zone", ["a", "a", "b", "b"], "a a b b"],
    ["zones with too few get from those with too many", ["a", "a", "a", "b"], "b a a b"],
    ["zones without endpoints get some", ["a", "a", "a", "a"], "b b a a"],
  ])("%s", (_what, zones, expected) => {
    expect(hintsOf(withZoneShares(creating(slice(zones)), even).changes).join(" ")).toBe(expected);
  });

  it.each([
    ["too few endpoints", creating(slice(["a"])), even, "Insufficient number of endpoints (1 endpoints, 2 zones)"],
    ["no zone", creating(slice(["a", undefined])), even, "One or more endpoints do not have a zone specified"],
    [
      "zones too uneven",
      creating(slice(["a", "b"])),
      new Map([
        ["a", 0.9],
        ["b", 0.1],
      ]),
      "Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (2 endpoints, 2 zones)",
    ],
    [
      "nodes unknown",
      creating(slice(["a", "b"])),
      undefined,
      "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes",
    ],
  ])("are not given: %s", (_what, changes, shares, refusal) => {
    const result = withZoneShares(changes, shares);
    expect(result).toMatchObject({ refusal });
    expect(hintsOf(result.changes)).toEqual([]);
  });

  it("leave slices alone whose hints are good enough", () => {
    const { changes } = withZoneShares(creating(slice(["a", "a", "a", "b"])), even);
    const again = withZoneShares({ create: [], update: [], delete: [], unchanged: changes.create }, even);
    expect(again.changes).toEqual({ create: [], update: [], delete: [], unchanged: changes.create });
  });

  it("give every ready endpoint one zone, and none a share that is far too small", () => {
    const zones = ["a", "b", "c"];
    const input = fc.record({
      weights: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
      endpoints: fc.array(fc.constantFrom(...zones), { minLength: 1, maxLength: 60 }),
    });
    fc.assert(
      fc.property(input, ({ weights, endpoints }) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const shares = new Map(zones.map((zone, index) => [zone, (weights[index] ?? 0) / total]));
        const result = withZoneShares(creating(slice(endpoints), slice(["a"], false)), shares);
        if ("refusal" in result) return;
        const hints = hintsOf(result.changes);
        expect(hints).toHaveLength(endpoints.length);
        for (const zone of zones) {
          expect(hints.filter((hint) => hint === zone)).toHaveLength(result.counts.get(zone) ?? 0);
          // Rounding may cost a zone one.
          const least = Math.floor(((shares.get(zone) ?? 0) * endpoints.length) / 1.2) - 1;
          expect(result.counts.get(zone) ?? 0).toBeGreaterThanOrEqual(least);
        }
      }),
    );
  });
});

it.each([
  ["fit their shares", { a: 5, b: 5 }, even, false],
  ["have a zone with too few", { a: 8, b: 2 }, even, true],
  ["have none in a zone", { a: 5 }, even, true],
  ["are of no use where zones are unknown", { a: 5, b: 5 }, undefined, true],
  ["are none", {}, even, false],
])("hints that %s", (_what, counts, shares, expected) => {
  expect(isOverloaded(new Map(Object.entries(counts)), shares)).toBe(expected);
});

describe("the shares of zones", () => {
  const node = (zone: string | undefined, cpu: string, { ready = "True", role = "" } = {}): Node => ({
    metadata: {
      labels: {
        ...(zone === undefined ? {} : { "topology.kubernetes.io/zone": zone }),
        ...(role === "" ? {} : { [role]: "" }),
      },
    },
    status: { allocatable: { cpu }, conditions: [{ type: "Ready", status: ready }] },
  });

  it.each([
    ["go by CPUs", [node("a", "3"), node("b", "500m"), node("b", "500m")], { a: 0.75, b: 0.25 }],
    [
      "overlook what is not ready, or for the control plane",
      [
        node("a", "1"),
        node("b", "1"),
        node("a", "9", { ready: "False" }),
        node("c", "9", { role: "node-role.kubernetes.io/control-plane" }),
      ],
      { a: 0.5, b: 0.5 },
    ],
    ["are unknown with one zone", [node("a", "1")], undefined],
    ["are unknown with a node nowhere", [node("a", "1"), node("b", "1"), node(undefined, "1")], undefined],
    ["are unknown with a node without CPUs", [node("a", "1"), node("b", "0")], undefined],
  ])("%s", (_what, nodes, expected) => {
    const shares = zoneSharesOf(nodes);
    expect(shares === undefined ? undefined : Object.fromEntries(shares)).toEqual(expected);
  });
});
