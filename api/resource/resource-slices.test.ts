import { expect, it } from "vitest";
import type { ResourceSliceSpec } from "../generated/types/resource-v1.ts";
import { sampleWriteContext } from "../row.testing.ts";
import { resourceSlices } from "./resource-slices.ts";

const context = sampleWriteContext();

function slice(spec: Partial<ResourceSliceSpec> = {}): object {
  const pool = { name: "node-1", generation: 1, resourceSliceCount: 1 };
  return { metadata: { name: "s" }, spec: { driver: "gpu.example.com", pool, nodeName: "node-1", ...spec } };
}

it("shows where which devices are", () => {
  expect(resourceSlices.table?.cells(slice(), { now: 0 })).toEqual([
    "s",
    "node-1",
    "gpu.example.com",
    "node-1",
    "<unknown>",
  ]);
});

it("is found by node and driver", () => {
  const found = Object.entries(resourceSlices.selectableFields ?? {}).map(([label, value]) => [label, value(slice())]);
  expect(found).toEqual([
    ["spec.nodeName", "node-1"],
    ["spec.driver", "gpu.example.com"],
  ]);
});

it.each<[string, Partial<ResourceSliceSpec>, string[]]>([
  ["a good one", {}, []],
  ["no place", { nodeName: "" }, ["spec.nodeName", "spec"]],
  ["two places", { allNodes: true }, ["spec"]],
  ["a device twice", { devices: [{ name: "a" }, { name: "a" }] }, ["spec.devices[1]"]],
])("judges %s", (_what, spec, fields) => {
  expect(resourceSlices.validate?.(slice(spec), context).map(({ field }) => field)).toEqual(fields);
});

it("stays with its driver, pool and node", () => {
  const pool = { name: "p", generation: 1, resourceSliceCount: 1 };
  const moved = slice({ driver: "x.example.com", nodeName: "node-2", pool });
  expect(resourceSlices.validateUpdate?.(moved, slice(), context).map(({ field }) => field)).toEqual([
    "spec.pool.name",
    "spec.driver",
    "spec.nodeName",
  ]);
});
