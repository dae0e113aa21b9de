import { expect, it } from "vitest";
import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicySpec,
} from "../../../api/generated/types/admissionregistration-v1.ts";
import type { KindVersion } from "../../encoding/kind.ts";
import { customKind, holding, kindOf } from "../objects.testing.ts";
import { createTypeChecking } from "./start-type-checking.ts";

const policies = "validatingadmissionpolicies.admissionregistration.k8s.io";
const definition: object = {
  metadata: { name: "boats.example.com" },
  spec: {
    versions: [
      {
        name: "v1",
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: { spec: { type: "object", properties: { length: { type: "integer" } } } },
          },
        },
      },
    ],
  },
};
const boats = customKind("example.com", "boats");
const served: KindVersion = { ...boats.hub, type: undefined, apiVersion: "example.com/v1" };

const objects = holding({ "customresourcedefinitions.apiextensions.k8s.io": [definition] });
const check = createTypeChecking({
  reader: objects,
  writer: objects,
  findKind(group, version, resource) {
    if (group === "example.com") return resource === "boats" ? { kind: boats, version: served } : undefined;
    const kind = kindOf(group === "" ? resource : `${resource}.${group}`);
    const found = kind.versions.get(group === "" ? version : `${group}/${version}`);
    return found && { kind, version: found };
  },
  resourcesOf: (apiVersion, kind) =>
    apiVersion === "example.com/v1" && kind === "ConfigMap"
      ? [{ group: "example.com", version: "v1", resource: "boats", namespaced: true }]
      : [],
});

async function statusOf(spec: ValidatingAdmissionPolicySpec, generation = 1): Promise<unknown> {
  const policy: object = { metadata: { name: "p", generation }, spec };
  objects.put(policies, policy);
  await check();
  return (await objects.find<ValidatingAdmissionPolicy>(policies, "", "p"))?.status;
}

const rule = (apiGroups: string[], resources: string[]) => ({
  resourceRules: [{ apiGroups, apiVersions: ["v1"], operations: ["*"], resources }],
});

it("finds nothing in good expressions", async () => {
  const status = await statusOf({
    matchConstraints: rule(["apps"], ["deployments"]),
    variables: [{ name: "replicas", expression: "object.spec.replicas" }],
    validations: [
      {
        expression: "variables.replicas > 1 && oldObject.spec.replicas > 0",
        messageExpression: "'only ' + string(variables.replicas)",
      },
      { expression: "authorizer.group('apps').resource('deployments').check('get').allowed()" },
    ],
  });
  expect(status).toEqual({ observedGeneration: 1, typeChecking: {} });
});

it("warns of what does not fit any of the kinds that are named", async () => {
  const status = await statusOf({
    matchConstraints: rule(["apps"], ["replicasets", "deployments", "deployments/scale", "*"]),
    validations: [
      { expression: "object.spec.replicas > 1" },
      { expression: "object.replicas > 1", messageExpression: "object.spec.replicas + ' many'" },
    ],
  });
  const issues = (kind: string): string =>
    `apps/v1, Kind=${kind}: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n`;
  expect(status).toEqual({
    observedGeneration: 1,
    typeChecking: {
      expressionWarnings: [
        { fieldRef: "spec.validations[1].expression", warning: `${issues("Deployment")}\n${issues("ReplicaSet")}` },
        {
          fieldRef: "spec.validations[1].messageExpression",
          warning: expect.stringContaining("found no matching overload for '_+_' applied to '(int, string)'"),
        },
      ],
    },
  });
});

it("knows custom kinds and parameters", async () => {
  const status = await statusOf({
    matchConstraints: rule(["example.com"], ["boats", "unknown"]),
    paramKind: { apiVersion: "example.com/v1", kind: "ConfigMap" },
    validations: [
      { expression: "object.spec.length <= params.spec.length" },
      { expression: "object.spec.width > params.width" },
    ],
  });
  const warning = expect.stringMatching(
    /^example\.com\/v1, Kind=ConfigMap: ERROR: <input>:1:12: undefined field 'width'[^]*ERROR: <input>:1:27: undefined field 'width'/,
  );
  expect(status).toEqual({
    observedGeneration: 1,
    typeChecking: { expressionWarnings: [{ fieldRef: "spec.validations[1].expression", warning }] },
  });
});

it("checks nothing against wildcards", async () => {
  const status = await statusOf({
    matchConstraints: rule(["*"], ["pods"]),
    validations: [{ expression: "object.nope" }],
  });
  expect(status).toEqual({ observedGeneration: 1, typeChecking: {} });
});

it("checks a policy once, and again when it has changed", async () => {
  const validations = [{ expression: "object.nope == 1" }];
  const policy: object = {
    metadata: { name: "p", generation: 1 },
    spec: { matchConstraints: rule([""], ["pods"]), validations },
    status: { observedGeneration: 1, conditions: [] },
  };
  objects.put(policies, policy);
  await check();
  expect(await objects.find(policies, "", "p")).toMatchObject({ status: { observedGeneration: 1, conditions: [] } });
  objects.put(policies, { ...policy, metadata: { name: "p", generation: 2 } });
  await check();
  expect(await objects.find(policies, "", "p")).toMatchObject({
    status: {
      observedGeneration: 2,
      conditions: [],
      typeChecking: { expressionWarnings: [{ warning: expect.stringContaining("/v1, Kind=Pod: ERROR: ") }] },
    },
  });
});
