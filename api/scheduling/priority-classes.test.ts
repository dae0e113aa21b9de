import { expect, it } from "vitest";
import type { PriorityClass } from "../generated/types/scheduling-v1.ts";
import { describeFieldError } from "../machinery/field-error.ts";
import { sampleWriteContext } from "../row.testing.ts";
import { priorityClasses } from "./priority-classes.ts";

const context = sampleWriteContext();
const high: PriorityClass = { metadata: { name: "high" }, value: 1000, preemptionPolicy: "PreemptLowerPriority" };

it("shows classes as kubectl prints them", () => {
  expect(priorityClasses.table?.cells(high, { now: 0 })).toEqual([
    "high",
    1000,
    false,
    "<unknown>",
    "PreemptLowerPriority",
  ]);
});

it.each<[string, PriorityClass, string[]]>([
  ["a good one", high, []],
  [
    "more than a user may",
    { ...high, value: 1_000_000_001 },
    ["value: Forbidden: maximum allowed value of a user defined priority is 1000000000"],
  ],
  ["the system's own", { metadata: { name: "system-node-critical" }, value: 2_000_001_000 }, []],
  [
    "the system's own with another value",
    { metadata: { name: "system-node-critical" }, value: 5 },
    [
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: value of system-node-critical PriorityClass must be 2000001000",
    ],
  ],
  [
    "a new one of the system",
    { metadata: { name: "system-mine" }, value: 5 },
    [
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class",
    ],
  ],
])("judges %s", (_what, object, expected) => {
  const found = priorityClasses.validate?.(object, context) ?? [];
  expect(found.map((one) => `${one.field}: ${describeFieldError(one)}`)).toEqual(expected);
});

it("keeps value and policy", () => {
  const changed: PriorityClass = { ...high, value: 2000, preemptionPolicy: "Never" };
  const found = priorityClasses.validateUpdate?.(changed, high, context) ?? [];
  expect(found.map((one) => `${one.field}: ${describeFieldError(one)}`)).toEqual([
    "value: Forbidden: may not be changed in an update.",
    'preemptionPolicy: Invalid value: "Never": field is immutable',
  ]);
});
