import { describe, expect, it } from "vitest";
import type { RuleWithOperations, ValidatingWebhook } from "../generated/types/admissionregistration-v1.ts";
import { describeFieldError } from "../machinery/field-error.ts";
import { sampleWriteContext } from "../row.testing.ts";
import { mutatingWebhookConfigurations } from "./mutating-webhook-configurations.ts";
import { validatingWebhookConfigurations } from "./validating-webhook-configurations.ts";

const good: ValidatingWebhook = {
  name: "check.team.example.com",
  clientConfig: { url: "https://hooks.example.com/check" },
  sideEffects: "None",
  admissionReviewVersions: ["v1"],
  rules: [{ operations: ["CREATE"], apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments"] }],
};

function findings(...webhooks: object[]): string[] {
  const object: object = { webhooks };
  const found = validatingWebhookConfigurations.validate?.(object, sampleWriteContext()) ?? [];
  return found.map((one) => `${one.field}: ${describeFieldError(one)}`);
}

it("shows how many webhooks there are", () => {
  const object: object = { metadata: { name: "checks" }, webhooks: [good, good] };
  for (const row of [validatingWebhookConfigurations, mutatingWebhookConfigurations]) {
    expect(row.table?.cells(object, { now: 0 })).toEqual(["checks", 2, "<unknown>"]);
  }
});

describe("validation of webhooks", () => {
  it.each<[string, object, string[]]>([
    ["a good one", {}, []],
    [
      "a short name",
      { name: "check.example" },
      ['name: Invalid value: "check.example": should be a domain with at least three segments separated by dots'],
    ],
    ["nowhere", { clientConfig: {} }, ["clientConfig: Required value: exactly one of url or service is required"]],
    [
      "two places",
      { clientConfig: { url: "https://a", service: { name: "a", namespace: "b" } } },
      ["clientConfig: Required value: exactly one of url or service is required"],
    ],
    [
      "plain HTTP",
      { clientConfig: { url: "http://a" } },
      [
        "clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]",
      ],
    ],
    [
      "a service of nowhere",
      { clientConfig: { service: { name: "a" } } },
      ["clientConfig.service.namespace: Required value"],
    ],
    [
      "unsaid side effects",
      { sideEffects: null },
      ["sideEffects: Required value: must specify one of None, NoneOnDryRun"],
    ],
    [
      "side effects",
      { sideEffects: "Some" },
      ['sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"'],
    ],
    [
      "no review version",
      { admissionReviewVersions: null },
      ["admissionReviewVersions: Required value: must specify one of v1, v1beta1"],
    ],
    [
      "strange review versions",
      { admissionReviewVersions: ["v7"] },
      ['admissionReviewVersions: Invalid value: ["v7"]: must include at least one of v1, v1beta1'],
    ],
    [
      "all the time in the world",
      { timeoutSeconds: 31 },
      ["timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds"],
    ],
  ])("judges %s", (_what, differently, expected) => {
    expect(findings({ ...good, ...differently })).toEqual(expected.map((one) => `webhooks[0].${one}`));
  });

  it.each<[string, Partial<RuleWithOperations>, string]>([
    ["no operation", { operations: [] }, "operations: Required value"],
    [
      "every operation and one",
      { operations: ["*", "CREATE"] },
      'operations: Invalid value: ["*","CREATE"]: if \'*\' is present, must not specify other operations',
    ],
    [
      "an unknown operation",
      { operations: ["READ"] },
      'operations[0]: Unsupported value: "READ": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
    ],
    [
      "every resource and one",
      { resources: ["*", "pods"] },
      'resources: Invalid value: ["*","pods"]: if \'*\' is present, must not specify other resources without subresources',
    ],
    [
      "everything and something",
      { resources: ["*/*", "pods"] },
      'resources: Invalid value: ["*/*","pods"]: if \'*/*\' is present, must not specify other resources',
    ],
    [
      "all of a pod and a part",
      { resources: ["pods/*", "pods/status"] },
      "resources[1]: Invalid value: \"pods/status\": if 'pods/*' is present, must not specify pods/status",
    ],
  ])("refuses a rule with %s", (_what, rule, expected) => {
    const [first] = good.rules ?? [];
    expect(findings({ ...good, rules: [{ ...first, ...rule }] })).toEqual([`webhooks[0].rules[0].${expected}`]);
  });

  it("refuses two of one name", () => {
    expect(findings(good, good)).toEqual([`webhooks[1].name: Duplicate value: "${good.name}"`]);
  });

  it("knows how often a mutating one may be called", () => {
    const object: object = { webhooks: [{ ...good, reinvocationPolicy: "Always" }] };
    expect(mutatingWebhookConfigurations.validate?.(object, sampleWriteContext())).toMatchObject([
      { type: "NotSupported", field: "webhooks[0].reinvocationPolicy" },
    ]);
  });
});
