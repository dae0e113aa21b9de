import { expect, it } from "vitest";
import type { PriorityLevelConfigurationSpec } from "../generated/types/flowcontrol-v1.ts";
import { describeFieldError } from "../machinery/field-error.ts";
import { sampleWriteContext } from "../row.testing.ts";
import { priorityLevelConfigurations } from "./priority-level-configurations.ts";

const queuing = { queues: 64, handSize: 6, queueLengthLimit: 50 };
const limited: PriorityLevelConfigurationSpec = {
  type: "Limited",
  limited: { nominalConcurrencyShares: 30, limitResponse: { type: "Queue", queuing } },
};

function level(spec: PriorityLevelConfigurationSpec, name = "mine"): object {
  return { metadata: { name }, spec };
}

it.each<[PriorityLevelConfigurationSpec, unknown[]]>([
  [limited, ["Limited", 30, 64, 6, 50]],
  [
    { type: "Limited", limited: { nominalConcurrencyShares: 5, limitResponse: { type: "Reject" } } },
    ["Limited", 5, "<none>", "<none>", "<none>"],
  ],
  [{ type: "Exempt", exempt: {} }, ["Exempt", "<none>", "<none>", "<none>", "<none>"]],
])("shows %j", (spec, cells) => {
  expect(priorityLevelConfigurations.table?.cells(level(spec), { now: 0 })).toEqual(["mine", ...cells, "<unknown>"]);
});

it.each<[string, object, string[]]>([
  ["a good one", level(limited), []],
  ["the exempt one", level({ type: "Exempt", exempt: {} }, "exempt"), []],
  [
    "a second exempt one",
    level({ type: "Exempt" }),
    ["spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is 'exempt'"],
  ],
  [
    "another catch-all",
    level(
      { type: "Limited", limited: { nominalConcurrencyShares: 6, limitResponse: { type: "Reject" } } },
      "catch-all",
    ),
    [
      'spec: Invalid value: {"type":"Limited","limited":{"nominalConcurrencyShares":6,"limitResponse":{"type":"Reject"}}}: spec of \'catch-all\' must equal the fixed value',
    ],
  ],
  [
    "more queues than a hash can deal",
    level({
      type: "Limited",
      limited: { limitResponse: { type: "Queue", queuing: { queues: 1024, handSize: 7, queueLengthLimit: 1 } } },
    }),
    [
      "spec.limited.limitResponse.queuing.handSize: Invalid value: 7: required entropy bits of deckSize 1024 and handSize 7 should not be greater than 60",
    ],
  ],
  [
    "limits without any",
    level({ type: "Limited" }),
    ["spec.limited: Required value: must not be empty when type is Limited"],
  ],
  [
    "a queue without queues",
    level({ type: "Limited", limited: { limitResponse: { type: "Queue" } } }),
    ["spec.limited.limitResponse.queuing: Required value: must not be empty if limited.limitResponse.type is Limited"],
  ],
  [
    "a hand that holds more than there is",
    level({ type: "Limited", limited: { limitResponse: { type: "Queue", queuing: { ...queuing, handSize: 65 } } } }),
    ["spec.limited.limitResponse.queuing.handSize: Invalid value: 65: should not be greater than queues (64)"],
  ],
])("judges %s", (_what, object, expected) => {
  const found = priorityLevelConfigurations.validate?.(object, sampleWriteContext()) ?? [];
  expect(found.map((one) => `${one.field}: ${describeFieldError(one)}`)).toEqual(expected);
});
