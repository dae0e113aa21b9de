import { describe, expect, it } from "vitest";
import type {
  MutatingAdmissionPolicySpec,
  ValidatingAdmissionPolicySpec,
} from "../generated/types/admissionregistration-v1.ts";
import { describeFieldError, type FieldError } from "../machinery/field-error.ts";
import { validatePolicyExpressions, validateWebhookConditions } from "./expressions.ts";

const said = (findings: readonly FieldError[]): readonly string[] =>
  findings.map((finding) => `${finding.field}: ${describeFieldError(finding)}`);
const params = { paramKind: { apiVersion: "v1", kind: "ConfigMap" } };
const conditions = (...expressions: readonly string[]): { name: string; expression: string }[] =>
  expressions.map((expression, index) => ({ name: `c${index}`, expression }));

describe("the expressions of a validating policy", () => {
  it.each<[string, ValidatingAdmissionPolicySpec]>([
    [
      "everything",
      {
        ...params,
        matchConditions: conditions("request.operation == 'CREATE' && params.data.x == 'y'"),
        variables: [
          { name: "a", expression: "object.spec.replicas" },
          { name: "b", expression: "{'x': [1]}" },
          { name: "c", expression: "variables.b.x[0] + 1" },
        ],
        validations: [
          {
            expression: "variables.a > variables.c && namespaceObject.metadata.name != '' && params.data.x == 'y'",
            messageExpression: "'replicas: ' + string(variables.a)",
          },
          { expression: "authorizer.group('').resource('pods').check('get').allowed()" },
        ],
        auditAnnotations: [
          { key: "a", valueExpression: "'x'" },
          { key: "b", valueExpression: "null" },
        ],
      },
    ],
    ["what is blank, which others tell", { validations: [{ expression: " ", messageExpression: "" }] }],
  ])("may be %s", (_what, spec) => {
    expect(said(validatePolicyExpressions(spec))).toEqual([]);
  });

  it.each<[string, ValidatingAdmissionPolicySpec, string]>([
    [
      "that do not parse",
      { validations: [{ expression: "object." }] },
      `spec.validations[0].expression: Invalid value: "object.": compilation failed: ERROR: <input>:1:8: Syntax error: `,
    ],
    [
      "that check nothing",
      { validations: [{ expression: "object.spec.replicas" }] },
      `spec.validations[0].expression: Invalid value: "object.spec.replicas": must evaluate to bool but got dyn`,
    ],
    [
      "that are no message",
      { validations: [{ expression: "true", messageExpression: "1" }] },
      `spec.validations[0].messageExpression: Invalid value: "1": must evaluate to string but got int`,
    ],
    [
      "that ask the authorizer for a message",
      { validations: [{ expression: "true", messageExpression: "authorizer.path('/').check('get').reason()" }] },
      "undeclared reference to 'authorizer' (in container '')",
    ],
    [
      "that are no value",
      { auditAnnotations: [{ key: "a", valueExpression: "1" }] },
      `spec.auditAnnotations[0].valueExpression: Invalid value: "1": must evaluate to one of [string null_type] but got int`,
    ],
    [
      "that are long",
      { auditAnnotations: [{ key: "a", valueExpression: `'${"x".repeat(5200)}'` }] },
      "spec.auditAnnotations[0].valueExpression: Required value: must not exceed 5120 bytes in length",
    ],
    [
      "with parameters where there are none",
      { validations: [{ expression: "params.x == 1" }] },
      "undeclared reference to 'params' (in container '')",
    ],
    [
      "with variables where there are none",
      { validations: [{ expression: "variables.x == 1" }] },
      "undeclared reference to 'variables' (in container '')",
    ],
    [
      "with variables that come later",
      {
        variables: [
          { name: "a", expression: "variables.b" },
          { name: "b", expression: "1" },
        ],
      },
      "spec.variables[0].expression: Invalid value: \"variables.b\": compilation failed: ERROR: <input>:1:10: undefined field 'b'",
    ],
    [
      "with variables of another type",
      { variables: [{ name: "a", expression: "1" }], validations: [{ expression: "variables.a == 'x'" }] },
      "found no matching overload for '_==_' applied to '(int, string)'",
    ],
    [
      "with variables in conditions",
      { variables: [{ name: "a", expression: "true" }], matchConditions: conditions("variables.a") },
      'spec.matchConditions[0].expression: Invalid value: "variables.a": compilation failed: ERROR: ',
    ],
    [
      "with unknown fields of the request",
      { validations: [{ expression: "request.uid == 'x'" }] },
      "undefined field 'uid'",
    ],
  ])("may not be such %s", (_what, spec, expected) => {
    const findings = said(validatePolicyExpressions(spec));
    expect(findings).toEqual([expect.stringContaining(expected)]);
  });
});

describe("the expressions of a mutating policy", () => {
  const apply = (expression: string): MutatingAdmissionPolicySpec => ({
    mutations: [{ patchType: "ApplyConfiguration", applyConfiguration: { expression } }],
  });
  const patch = (expression: string): MutatingAdmissionPolicySpec => ({
    mutations: [{ patchType: "JSONPatch", jsonPatch: { expression } }],
  });
  it.each<[MutatingAdmissionPolicySpec, string[]]>([
    [apply("Object{spec: Object.spec{replicas: 1}}"), []],
    [patch(`[JSONPatch{op: "add", path: "/spec/x", value: Object.spec.x{y: 1}}]`), []],
    [
      apply("1"),
      ['spec.mutations[0].applyConfiguration.expression: Invalid value: "1": must evaluate to Object but got int'],
    ],
    [
      patch("1"),
      ['spec.mutations[0].jsonPatch.expression: Invalid value: "1": must evaluate to list(JSONPatch) but got int'],
    ],
  ])("are judged: %j", (spec, expected) => {
    expect(said(validatePolicyExpressions(spec))).toEqual(expected);
  });
});

it("judges the conditions of webhooks", () => {
  const path = "webhooks[1].matchConditions";
  const given = conditions("request.dryRun", " object.metadata.name ", "namespaceObject == null", "");
  expect(said(validateWebhookConditions(given, path))).toEqual([
    `${path}[1].expression: Invalid value: "object.metadata.name": must evaluate to bool but got dyn`,
    expect.stringContaining(`undeclared reference to 'namespaceObject' (in container '')`),
  ]);
});
