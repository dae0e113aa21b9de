import { describe, expect, it } from "vitest";
import type { FlowSchemaSpec, PolicyRulesWithSubjects } from "../generated/types/flowcontrol-v1.ts";
import { describeFieldError } from "../machinery/field-error.ts";
import { sampleWriteContext } from "../row.testing.ts";
import { flowSchemas } from "./flow-schemas.ts";

const subjects = [{ kind: "User", user: { name: "ann" } }];
const resourceRules = [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"], namespaces: ["*"] }];

function flowSchema(spec: Partial<FlowSchemaSpec> = {}, name = "mine"): object {
  return {
    metadata: { name },
    spec: { priorityLevelConfiguration: { name: "global-default" }, matchingPrecedence: 1000, ...spec },
  };
}

function findings(object: object): string[] {
  const found = flowSchemas.validate?.(object, sampleWriteContext()) ?? [];
  return found.map((one) => `${one.field}: ${describeFieldError(one)}`);
}

it.each<[string, object, unknown[]]>([
  ["unseen", {}, ["<none>", "<unknown>", "?"]],
  ["seen", { status: { conditions: [{ type: "Dangling", status: "False" }] } }, ["<none>", "<unknown>", "False"]],
])("shows a schema that the controller has %s", (_what, more, cells) => {
  expect(flowSchemas.table?.cells({ ...flowSchema(), ...more }, { now: 0 })).toEqual([
    "mine",
    "global-default",
    1000,
    ...cells,
  ]);
});

describe("validation of flow schemas", () => {
  it.each<[string, Partial<FlowSchemaSpec>, string[]]>([
    ["a good one", { rules: [{ subjects, resourceRules }] }, []],
    [
      "no precedence",
      { matchingPrecedence: 0 },
      ["spec.matchingPrecedence: Invalid value: 0: must be a positive value"],
    ],
    [
      "the last precedence and more",
      { matchingPrecedence: 10_001 },
      ["spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000"],
    ],
    [
      "the precedence of another",
      { matchingPrecedence: 1 },
      ["spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"],
    ],
    [
      "no level",
      { priorityLevelConfiguration: { name: "" } },
      ["spec.priorityLevelConfiguration.name: Required value: must reference a priority level"],
    ],
  ])("judges %s", (_what, spec, expected) => {
    expect(findings(flowSchema(spec))).toEqual(expected);
  });

  it.each<[string, PolicyRulesWithSubjects, string[]]>([
    ["nobody", { subjects: [], resourceRules }, ["subjects: Required value: subjects must contain at least one value"]],
    [
      "nothing",
      { subjects },
      [" Required value: at least one of resourceRules and nonResourceRules has to be non-empty"],
    ],
    [
      "an unnamed group",
      { subjects: [{ kind: "Group" }], resourceRules },
      ["subjects[0].group: Required value: group is required when subject kind is 'Group'"],
    ],
    [
      "every verb and one",
      { subjects, nonResourceRules: [{ verbs: ["*", "get"], nonResourceURLs: ["*"] }] },
      ['nonResourceRules[0].verbs: Invalid value: ["*","get"]: if \'*\' is present, must not specify other verbs'],
    ],
  ])("judges a rule about %s", (_what, rule, expected) => {
    const path = "spec.rules[0]";
    expect(findings(flowSchema({ rules: [rule] }))).toEqual(
      expected.map((one) => (one.startsWith(" ") ? `${path}:${one}` : `${path}.${one}`)),
    );
  });
});
