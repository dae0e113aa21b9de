import { expect, it } from "vitest";
import { sampleWriteContext } from "../row.testing.ts";
import { runtimeClasses } from "./runtime-classes.ts";

const gvisor = { metadata: { name: "gvisor" }, handler: "runsc" };

it("shows the handler", () => {
  expect(runtimeClasses.table?.cells(gvisor, { now: 0 })).toEqual(["gvisor", "runsc", "<unknown>"]);
});

it("wants a handler that is a name, and keeps it", () => {
  const bad = { ...gvisor, handler: "Run_sc" };
  expect(runtimeClasses.validate?.(gvisor, sampleWriteContext())).toEqual([]);
  expect(runtimeClasses.validate?.(bad, sampleWriteContext())).toMatchObject([{ type: "Invalid", field: "handler" }]);
  const unnamed = { ...gvisor, handler: "" };
  expect(runtimeClasses.validate?.(unnamed, sampleWriteContext())).toMatchObject([
    { type: "Required", field: "handler" },
  ]);
  expect(runtimeClasses.validateUpdate?.(bad, gvisor, sampleWriteContext())).toMatchObject([
    { field: "handler", detail: "field is immutable" },
  ]);
});
