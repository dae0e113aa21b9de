import { expect, it } from "vitest";
import type { LeaseSpec } from "../generated/types/coordination-v1.ts";
import { sampleWriteContext } from "../row.testing.ts";
import { leases } from "./leases.ts";

it.each<[string, LeaseSpec, string]>([
  ["held", { holderIdentity: "node-1" }, "node-1"],
  ["free", {}, ""],
])("shows the holder of a lease that is %s", (_what, spec, holder) => {
  const lease: object = { metadata: { name: "l" }, spec };
  expect(leases.table?.cells(lease, { now: 0 })).toEqual(["l", holder, "<unknown>"]);
});

it.each<[LeaseSpec, string[]]>([
  [{ leaseDurationSeconds: 15, leaseTransitions: 0 }, []],
  [{ leaseDurationSeconds: 0 }, ["spec.leaseDurationSeconds: must be greater than 0"]],
  [{ leaseTransitions: -1 }, ["spec.leaseTransitions: must be greater than or equal to 0"]],
  [{ preferredHolder: "b" }, ["spec.preferredHolder: may only be specified if `strategy` is defined"]],
])("judges %j", (spec, expected) => {
  const lease: object = { spec };
  const found = leases.validate?.(lease, sampleWriteContext()) ?? [];
  expect(found.map(({ field, detail }) => `${field}: ${detail}`)).toEqual(expected);
});
