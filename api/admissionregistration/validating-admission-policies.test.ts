import { describe, expect, it } from "vitest";
import type { ParamRef, ValidatingAdmissionPolicySpec } from "../generated/types/admissionregistration-v1.ts";
import { sampleWriteContext } from "../row.testing.ts";
import { paramRefCell } from "./param-cells.ts";
import { validatingAdmissionPolicies } from "./validating-admission-policies.ts";
import { validatingAdmissionPolicyBindings } from "./validating-admission-policy-bindings.ts";

const context = sampleWriteContext();
const resourceRules = [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }];
const good: ValidatingAdmissionPolicySpec = {
  failurePolicy: "Fail",
  matchConstraints: { matchPolicy: "Equivalent", resourceRules },
  validations: [{ expression: "true" }],
};

it("shows what a policy checks", () => {
  const object: object = {
    metadata: { name: "p" },
    spec: { ...good, paramKind: { apiVersion: "v1", kind: "ConfigMap" } },
  };
  expect(validatingAdmissionPolicies.table?.cells(object, { now: 0 })).toEqual(["p", 1, "v1/ConfigMap", "<unknown>"]);
});

it.each<[ParamRef | undefined, string]>([
  [undefined, "<unset>"],
  [{ name: "limits" }, "*/limits"],
  [{ name: "limits", namespace: "prod" }, "prod/limits"],
  [
    {
      selector: {
        matchLabels: { b: "2", a: "1" },
        matchExpressions: [{ key: "x", operator: "In", values: ["1", "2"] }],
      },
    },
    "&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:x,Operator:In,Values:[1 2],},},}",
  ],
])("shows the parameters %j", (ref, cell) => {
  expect(paramRefCell(ref)).toBe(cell);
});

describe("validation of policies", () => {
  it.each<[string, Partial<ValidatingAdmissionPolicySpec>, string[]]>([
    ["a good one", {}, []],
    ["one that checks nothing", { validations: [] }, ["spec.validations", "spec.auditAnnotations"]],
    ["an empty expression", { validations: [{ expression: " " }] }, ["spec.validations[0].expression"]],
    ["no requests", { matchConstraints: { matchPolicy: "Exact" } }, ["spec.matchConstraints.resourceRules"]],
    ["a bad variable", { variables: [{ name: "a-b", expression: "1" }] }, ["spec.variables[0].name"]],
    [
      "a condition twice",
      {
        matchConditions: [
          { name: "a", expression: "true" },
          { name: "a", expression: "false" },
        ],
      },
      ["spec.matchConditions[1].name"],
    ],
    [
      "an annotation without a key",
      { auditAnnotations: [{ key: "", valueExpression: "'1'" }] },
      ["spec.auditAnnotations[0].key", "spec.auditAnnotations[0].key"],
    ],
  ])("judges %s", (_what, spec, fields) => {
    const object: object = { metadata: { name: "p" }, spec: { ...good, ...spec } };
    expect(validatingAdmissionPolicies.validate?.(object, context).map(({ field }) => field)).toEqual(fields);
  });

  it.each<[string, object, string[]]>([
    ["a good one", {}, []],
    ["no policy", { policyName: "" }, ["spec.policyName"]],
    ["no action", { validationActions: [] }, ["spec.validationActions"]],
    ["an action twice", { validationActions: ["Deny", "Deny"] }, ["spec.validationActions[1]"]],
    ["denying and warning", { validationActions: ["Deny", "Warn"] }, ["spec.validationActions"]],
    [
      "parameters by name and by label",
      { paramRef: { name: "a", selector: {}, parameterNotFoundAction: "Deny" } },
      ["spec.paramRef.name"],
    ],
    ["parameters of no name", { paramRef: { parameterNotFoundAction: "Allow" } }, ["spec.paramRef"]],
  ])("judges a binding with %s", (_what, differently, fields) => {
    const object: object = { spec: { policyName: "p", validationActions: ["Deny"], ...differently } };
    expect(validatingAdmissionPolicyBindings.validate?.(object, context).map(({ field }) => field)).toEqual(fields);
  });
});
