import { expect, it } from "vitest";
import { startTrial, type Trial } from "../../trial.testing.ts";

const policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
const configMaps = "/api/v1/namespaces/default/configmaps";

async function withPolicy(spec: object): Promise<Trial> {
  const trial = await startTrial();
  const matchConstraints = {
    resourceRules: [
      { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["configmaps"] },
    ],
  };
  await trial.ok("POST", policies, { metadata: { name: "few-keys" }, spec: { matchConstraints, ...spec } });
  await trial.ok("POST", `${policies}bindings`.replace("policiesbindings", "policybindings"), {
    metadata: { name: "everywhere" },
    spec: { policyName: "few-keys", validationActions: ["Deny"] },
  });
  return trial;
}

it("a policy judges creations and every kind of update, with upstream's words", async () => {
  await using trial = await withPolicy({
    validations: [
      { expression: "size(object.data) <= 1", messageExpression: "'not ' + string(size(object.data)) + ' keys'" },
    ],
  });
  const refused = {
    reason: "Invalid",
    code: 422,
    message: `configmaps "b" is forbidden: ValidatingAdmissionPolicy 'few-keys' with binding 'everywhere' denied request: not 2 keys`,
  };
  const made = await trial.ok("POST", configMaps, { metadata: { name: "b" }, data: { one: "1" } });
  const many = { ...made, data: { one: "1", two: "2" } };
  expect(await trial.refusal("PUT", `${configMaps}/b`, many)).toMatchObject(refused);
  const merge = { "content-type": "application/merge-patch+json" };
  expect(await trial.refusal("PATCH", `${configMaps}/b`, { data: { two: "2" } }, merge)).toMatchObject(refused);
  const apply = { "content-type": "application/apply-patch+yaml" };
  const applied = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "b" }, data: { two: "2" } };
  expect(await trial.refusal("PATCH", `${configMaps}/b?fieldManager=me`, applied, apply)).toMatchObject(refused);
});

it("an expression that does not compile is refused when the policy is written", async () => {
  await using trial = await startTrial();
  const { code, message } = await trial.refusal("POST", policies, {
    metadata: { name: "bad" },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
      },
      validations: [{ expression: "object.spec.replicas <" }],
    },
  });
  expect(code).toBe(422);
  expect(message).toContain(
    'spec.validations[0].expression: Invalid value: "object.spec.replicas <": compilation failed: ERROR: <input>:1:23: Syntax error',
  );
});
