import { expect, it } from "vitest";
import type { DeviceRequest, ResourceClaim } from "../generated/types/resource-v1.ts";
import { sampleWriteContext } from "../row.testing.ts";
import { resourceClaims } from "./resource-claims.ts";

const context = sampleWriteContext();
const gpu: DeviceRequest = {
  name: "gpu",
  exactly: { deviceClassName: "gpu.example.com", allocationMode: "ExactCount", count: 1 },
};
const claim: ResourceClaim = { metadata: { name: "c" }, spec: { devices: { requests: [gpu] } } };

it.each<[string, Partial<ResourceClaim>, string]>([
  ["new", {}, "pending"],
  ["allocated", { status: { allocation: {} } }, "allocated"],
  [
    "in use",
    { status: { allocation: {}, reservedFor: [{ name: "p", resource: "pods", uid: "1" }] } },
    "allocated,reserved",
  ],
  ["going", { metadata: { name: "c", deletionTimestamp: "2026-01-01T00:00:00Z" } }, "deleted"],
  [
    "going while allocated",
    { metadata: { name: "c", deletionTimestamp: "2026-01-01T00:00:00Z" }, status: { allocation: {} } },
    "deleted,allocated",
  ],
])("shows the state of a claim that is %s", (_what, differently, state) => {
  expect(resourceClaims.table?.cells({ ...claim, ...differently }, { now: 0 })).toEqual(["c", state, "<unknown>"]);
});

it.each<[string, DeviceRequest[], string[]]>([
  ["a good request", [gpu], []],
  ["a request for nothing", [{ name: "gpu" }], ["spec.devices.requests[0]"]],
  ["a name twice", [gpu, gpu], ["spec.devices.requests[1]"]],
  [
    "no count",
    [{ name: "gpu", exactly: { deviceClassName: "gpu.example.com", allocationMode: "ExactCount" } }],
    ["spec.devices.requests[0].exactly.count"],
  ],
])("judges %s", (_what, requests, fields) => {
  const object = { ...claim, spec: { devices: { requests } } };
  expect(resourceClaims.validate?.(object, context).map(({ field }) => field)).toEqual(fields);
});

it("keeps what it asks for", () => {
  expect(resourceClaims.validateUpdate?.({ ...claim, spec: {} } as object, claim, context)).toMatchObject([
    { field: "spec", detail: "field is immutable" },
  ]);
});
