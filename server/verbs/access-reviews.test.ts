import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UserInfo } from "../../api/wire.ts";
import { parsed, startTrial, type Loose, type Trial } from "../trial.testing.ts";

const group = "rbac.authorization.k8s.io";
const rbac = `/apis/${group}/v1`;
const authorization = "/apis/authorization.k8s.io/v1";
const reviews = `${authorization}/subjectaccessreviews`;
const jane: UserInfo = { name: "jane", groups: ["dev"] };
const pods = { verb: "get", resource: "pods", namespace: "default", name: "web" };
let trial: Trial;

beforeAll(async () => {
  trial = await startTrial();
  await trial.ok("POST", `${rbac}/clusterroles`, {
    metadata: { name: "reader" },
    rules: [
      { verbs: ["get"], apiGroups: [""], resources: ["pods", "pods/log"], resourceNames: ["web"] },
      { verbs: ["create"], apiGroups: ["authorization.k8s.io"], resources: ["*"] },
      { verbs: ["get"], nonResourceURLs: ["/version"] },
    ],
  });
  await trial.ok("POST", `${rbac}/clusterrolebindings`, bound("everywhere", "ClusterRole", "reader"));
  const here = `${rbac}/namespaces/default`;
  await trial.ok("POST", `${here}/roles`, {
    metadata: { name: "writer" },
    rules: [{ verbs: ["create"], apiGroups: [""], resources: ["configmaps"] }],
  });
  await trial.ok("POST", `${here}/rolebindings`, bound("here", "Role", "writer"));
  await trial.ok("POST", `${here}/rolebindings`, bound("lost", "Role", "gone"));
});

afterAll(() => trial[Symbol.asyncDispose]());

function bound(name: string, kind: string, roleName: string): object {
  return {
    metadata: { name },
    roleRef: { apiGroup: group, kind, name: roleName },
    subjects: [{ kind: "Group", name: "dev", apiGroup: group }],
  };
}

async function statusOf(url: string, spec: object): Promise<unknown> {
  return (await trial.ok("POST", url, { spec }))["status"];
}

describe("reviews of others' access", () => {
  it.each<[string, object, object]>([
    [
      "allowed",
      { user: "jane", groups: ["dev"], resourceAttributes: pods },
      {
        allowed: true,
        reason: 'RBAC: allowed by ClusterRoleBinding "everywhere" of ClusterRole "reader" to Group "dev"',
      },
    ],
    [
      "for a group alone",
      { groups: ["dev"], nonResourceAttributes: { verb: "get", path: "/version" } },
      { allowed: true },
    ],
    [
      "with a role that is gone",
      { groups: ["dev"], resourceAttributes: { ...pods, name: "db" } },
      { allowed: false, reason: 'RBAC: role.rbac.authorization.k8s.io "gone" not found' },
    ],
    ["denied", { user: "joe", extra: { scopes: ["a"] }, uid: "1", resourceAttributes: pods }, { allowed: false }],
    [
      "of the privileged",
      { groups: ["system:masters"], resourceAttributes: { verb: "*", resource: "*" } },
      { allowed: true },
    ],
    [
      "with selectors that nobody understands",
      {
        user: "joe",
        resourceAttributes: {
          ...pods,
          fieldSelector: { rawSelector: "a=b=c" },
          labelSelector: {
            requirements: [
              { key: "a", operator: "Exists" },
              { key: "b", operator: "Near" },
            ],
          },
        },
      },
      {
        allowed: false,
        evaluationError:
          "spec.resourceAttributes.fieldSelector ignored due to parse error; spec.resourceAttributes.labelSelector partially ignored due to parse error",
      },
    ],
  ])("are answered: %s", async (_what, spec, status) => {
    expect(await statusOf(reviews, spec)).toMatchObject(status);
  });

  it("come back as they were sent, with who sent them", async () => {
    const answer = await trial.send("POST", reviews, {
      body: { spec: { user: "joe", resourceAttributes: pods } },
      headers: { "user-agent": "tester/1" },
    });
    expect(answer.status).toBe(201);
    expect(parsed<Loose>(answer.bytes)).toMatchObject({
      kind: "SubjectAccessReview",
      apiVersion: "authorization.k8s.io/v1",
      metadata: { managedFields: [{ manager: "tester", operation: "Update" }] },
      spec: { user: "joe", resourceAttributes: pods },
      status: { allowed: false },
    });
  });

  it.each<[string, string, object, string]>([
    [
      "nobody",
      reviews,
      { spec: { resourceAttributes: pods } },
      '.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified',
    ],
    [
      "a review with a name",
      reviews,
      { metadata: { name: "x" }, spec: { user: "joe", resourceAttributes: pods } },
      '.authorization.k8s.io "" is invalid: metadata: Invalid value: {"name":"x"',
    ],
    [
      "another namespace",
      `${authorization}/namespaces/default/localsubjectaccessreviews`,
      { spec: { user: "joe", resourceAttributes: { ...pods, namespace: "other" } } },
      '.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace',
    ],
    [
      "a local review in another namespace",
      `${authorization}/namespaces/default/localsubjectaccessreviews`,
      { metadata: { namespace: "other" }, spec: { user: "joe", resourceAttributes: pods } },
      "the namespace of the provided object does not match the namespace sent on the request",
    ],
    [
      "a selector of nothing",
      reviews,
      { spec: { user: "joe", resourceAttributes: { ...pods, labelSelector: {} } } },
      '.authorization.k8s.io "" is invalid: spec.resourceAttributes.labelSelector.requirements: Required value: when spec.resourceAttributes.labelSelector is specified, requirements or rawSelector is required',
    ],
    [
      "a selector of no values",
      reviews,
      { spec: { user: "joe", resourceAttributes: { ...pods, fieldSelector: { requirements: [{ operator: "In" }] } } } },
      ".authorization.k8s.io \"\" is invalid: [spec.resourceAttributes.fieldSelector.requirements[0].key: Required value: must be specified, spec.resourceAttributes.fieldSelector.requirements[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn']",
    ],
  ])("are refused of %s", async (_what, url, body, message) => {
    expect((await trial.refusal("POST", url, body)).message).toContain(message);
  });

  it("stay in their namespace, which need not exist", async () => {
    const url = `${authorization}/namespaces/nowhere/localsubjectaccessreviews`;
    const spec = { groups: ["dev"], resourceAttributes: { ...pods, namespace: "nowhere" } };
    expect(await statusOf(url, spec)).toMatchObject({ allowed: true });
  });
});

describe("reviews of one's own access", () => {
  async function ask(spec: object): Promise<unknown> {
    const sent = { body: { spec }, user: jane };
    const answer = await trial.send("POST", `${authorization}/selfsubjectaccessreviews`, sent);
    return parsed<Loose>(answer.bytes)["status"];
  }

  it("are about whoever asks", async () => {
    expect(await ask({ resourceAttributes: pods })).toMatchObject({ allowed: true });
    expect(await ask({ resourceAttributes: { ...pods, subresource: "log" } })).toMatchObject({ allowed: true });
    expect(await ask({ resourceAttributes: { ...pods, verb: "delete" } })).toMatchObject({ allowed: false });
    expect(await ask({ nonResourceAttributes: { verb: "get", path: "/metrics" } })).toMatchObject({ allowed: false });
  });

  it("list all that is known, and what stands in the way of knowing more", async () => {
    const url = `${authorization}/selfsubjectrulesreviews`;
    const answer = await trial.send("POST", url, { body: { spec: { namespace: "default" } }, user: jane });
    expect(parsed<Loose>(answer.bytes)).toEqual({
      kind: "SelfSubjectRulesReview",
      apiVersion: "authorization.k8s.io/v1",
      metadata: {},
      spec: {},
      status: {
        resourceRules: [
          { verbs: ["get"], apiGroups: [""], resources: ["pods", "pods/log"], resourceNames: ["web"] },
          { verbs: ["create"], apiGroups: ["authorization.k8s.io"], resources: ["*"] },
          { verbs: ["create"], apiGroups: [""], resources: ["configmaps"] },
        ],
        nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/version"] }],
        incomplete: false,
        evaluationError: 'role.rbac.authorization.k8s.io "gone" not found',
      },
    });
    expect((await trial.refusal("POST", url, { spec: {} })).message).toBe("no namespace on request");
  });
});
