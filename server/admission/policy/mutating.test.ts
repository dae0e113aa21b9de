import { beforeEach, describe, expect, it } from "vitest";
import type { MutatingAdmissionPolicySpec, Mutation } from "../../../api/generated/types/admissionregistration-v1.ts";
import type { KubeObject } from "../../../api/machinery/object.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import { admitMutating } from "../chain.ts";
import { admissionRequest, type TrialRequest } from "../objects.testing.ts";
import type { AdmissionPlugin } from "../plugin.ts";
import { everything, startPolicies, type PolicyTrial } from "./policies.testing.ts";

let trial: PolicyTrial;
beforeEach(() => {
  trial = startPolicies();
});

const apply = (expression: string): Mutation => ({
  patchType: "ApplyConfiguration",
  applyConfiguration: { expression },
});
const patch = (expression: string): Mutation => ({ patchType: "JSONPatch", jsonPatch: { expression } });
const mutations = (...given: readonly Mutation[]): MutatingAdmissionPolicySpec => ({
  reinvocationPolicy: "Never",
  mutations: [...given],
});

const deployment = (): KubeObject => {
  const object: object = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "ns", labels: { app: "web" } },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "a", image: "a:1" }], nodeSelector: { zone: "1" } },
      },
    },
  };
  return object;
};

async function admit(
  request: TrialRequest = admissionRequest("deployments.apps", { object: deployment() }),
  others: readonly AdmissionPlugin[] = [],
): Promise<TrialRequest> {
  await admitMutating([trial.mutating, ...others], request);
  return request;
}
async function refused(): Promise<ApiError> {
  const thrown: unknown = await admit().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof ApiError) return thrown;
  throw new Error("was admitted");
}
const message = async (): Promise<string> =>
  (await refused()).message.replace("policy 'p' with binding 'b' denied request: ", "");

describe("apply configurations", () => {
  it("are merged into the object, whose defaults are filled in", async () => {
    trial.mutate(
      mutations(
        apply(`Object{
          metadata: Object.metadata{labels: {"team": namespaceObject.metadata.labels.team}},
          spec: Object.spec{
            replicas: object.spec.replicas + 2,
            template: Object.spec.template{spec: Object.spec.template.spec{
              containers: [Object.spec.template.spec.containers{name: "sidecar", image: "s:1"}]
            }}
          }
        }`),
      ),
    );
    const { object } = await admit();
    expect(object).toMatchObject({
      apiVersion: "apps/v1",
      metadata: { labels: { app: "web", team: "a" } },
      spec: {
        replicas: 3,
        strategy: { type: "RollingUpdate" },
        template: {
          spec: {
            containers: [
              { name: "a", image: "a:1" },
              { name: "sidecar", image: "s:1", imagePullPolicy: "IfNotPresent" },
            ],
          },
        },
      },
    });
  });

  it.each<[string, string, string]>([
    [
      "cannot be evaluated",
      "Object{spec: Object.spec{replicas: object.spec.nope}}",
      "expression 'Object{spec: Object.spec{replicas: object.spec.nope}}' resulted in error: no such key: nope",
    ],
    ["are none", "1", "must evaluate to Object but got int"],
    [
      "name another place",
      "Object{spec: Object.wrong{replicas: 1}}",
      `type mismatch: unexpected type name "Object.wrong", expected "Object.spec", which matches field name path from root Object type`,
    ],
    [
      "have unknown fields",
      "Object{spec: Object.spec{nope: 1}}",
      "error applying patch: failed to convert patch object to typed object: .spec.nope: field not declared in schema",
    ],
    [
      "would replace what belongs together",
      `Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {"a": "b"}}, template: Object.spec.template{
        spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: "a", args: ["x"]}]}}}}`,
      "error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.selector, .spec.template.spec.containers[0].args",
    ],
  ])("are refused that %s", async (_what, expression, expected) => {
    trial.mutate(mutations(apply(expression)));
    expect(await message()).toBe(expected);
  });
});

describe("JSON patches", () => {
  it("are applied one after the other", async () => {
    trial.mutate(
      mutations(
        patch(`[
          JSONPatch{op: "test", path: "/spec/replicas", value: 1},
          JSONPatch{op: "replace", path: "/spec/replicas", value: 5},
          JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("example.com/x"), value: "y"},
          JSONPatch{op: "move", from: "/spec/template/spec/containers/0/image", path: "/metadata/labels/image"},
          JSONPatch{op: "add", path: "/metadata/annotations", value: {"a": "b"}}
        ]`),
        patch(`[JSONPatch{op: "add", path: "/metadata/labels/replicas", value: string(object.spec.replicas)}]`),
      ),
    );
    const { object } = await admit();
    expect(object).toMatchObject({
      metadata: {
        labels: { app: "web", "example.com/x": "y", image: "a:1", replicas: "5" },
        annotations: { a: "b" },
      },
      spec: { replicas: 5, template: { spec: { containers: [{ name: "a" }] } } },
    });
  });

  it("do nothing when a test fails", async () => {
    trial.mutate(
      mutations(
        patch(
          `[JSONPatch{op: "replace", path: "/spec/replicas", value: 5}, JSONPatch{op: "test", path: "/spec/paused", value: true}]`,
        ),
      ),
    );
    expect((await admit()).object).toMatchObject({ spec: { replicas: 1 } });
  });

  it("are refused that do not fit", async () => {
    trial.mutate(mutations(patch(`[JSONPatch{op: "remove", path: "/spec/nope"}]`)));
    expect(await message()).toMatch(/^JSONPath: /);
    trial.mutate(mutations(patch(`[JSONPatch{op: "add", path: "/spec/nope", value: 1}]`)));
    expect(await refused()).toMatchObject({
      code: 500,
      message: 'Internal error occurred: strict decoding error: unknown field "spec.nope"',
    });
  });
});

describe("a refusal", () => {
  const broken = mutations(apply("Object{spec: object.nope}"));

  it("is upstream's", async () => {
    trial.mutate(broken);
    trial.mutate(broken, {}, "p2");
    const why = "expression 'Object{spec: object.nope}' resulted in error: no such key: nope";
    const denied = `policy 'p' with binding 'b' denied request: ${why}`;
    expect((await refused()).toStatus()).toMatchObject({
      message: denied,
      reason: "Invalid",
      code: 403,
      details: {
        name: "web",
        group: "apps",
        kind: "deployments",
        causes: [{ message: denied }, { message: `policy 'p2' with binding 'b2' denied request: ${why}` }],
      },
    });
  });

  it("is none when failures are ignored", async () => {
    trial.mutate({ ...broken, failurePolicy: "Ignore" });
    trial.mutate(mutations(apply("Object{spec: Object.spec{replicas: 7}}")), {}, "p2");
    expect((await admit()).object).toMatchObject({ spec: { replicas: 7 } });
  });

  it("tells of wrong configuration", async () => {
    trial.mutate(
      { ...broken, paramKind: { apiVersion: "v1", kind: "ConfigMap" } },
      { paramRef: { name: "x", parameterNotFoundAction: "Deny" } },
    );
    const text = "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction";
    expect(await refused()).toMatchObject({
      message: `policy 'p' with binding 'b' denied request: ${text}`,
      reason: "Forbidden",
      code: 403,
    });
    trial.mutate({ ...broken, paramKind: { apiVersion: "example.com/v1", kind: "X" } });
    expect((await refused()).message).toBe(
      `policy "p" denied request: failed to configure policy: failed to find resource referenced by paramKind: 'example.com/v1, Kind=X'`,
    );
  });
});

it("knows variables, parameters and conditions", async () => {
  const limits: object = { metadata: { name: "limits", namespace: "ns" }, data: { replicas: "9" } };
  trial.objects.put("configmaps", limits);
  trial.mutate(
    {
      ...mutations(apply("Object{spec: Object.spec{replicas: variables.wanted}}")),
      paramKind: { apiVersion: "v1", kind: "ConfigMap" },
      variables: [{ name: "wanted", expression: "int(params.data.replicas)" }],
      matchConditions: [{ name: "small", expression: "object.spec.replicas < 5" }],
    },
    { paramRef: { name: "limits" } },
  );
  const request = await admit();
  expect(request.object).toMatchObject({ spec: { replicas: 9 } });
  expect((await admit(request)).object).toMatchObject({ spec: { replicas: 9 } });
});

it("changes an equivalent version, and the object follows", async () => {
  const object: object = {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "h", namespace: "ns" },
    spec: { maxReplicas: 3, scaleTargetRef: { kind: "Deployment", name: "d" } },
  };
  trial.mutate({
    ...mutations(apply("Object{spec: Object.spec{targetCPUUtilizationPercentage: 70}}")),
    matchConstraints: { matchPolicy: "Equivalent", resourceRules: [{ ...everything, apiVersions: ["v1"] }] },
  });
  const request = await admit(admissionRequest("horizontalpodautoscalers.autoscaling", { object }));
  expect(request.object).toMatchObject({
    apiVersion: "autoscaling/v2",
    spec: { metrics: [{ resource: { name: "cpu", target: { averageUtilization: 70 } } }] },
  });
});

it("leaves deletions and policies alone", async () => {
  trial.mutate(mutations(apply("1")));
  const gone = admissionRequest("deployments.apps", { old: deployment() });
  await expect(admit(gone)).resolves.toBeDefined();
  const policy = { metadata: { name: "x" } };
  const group = "admissionregistration.k8s.io";
  await expect(
    admit(admissionRequest(`mutatingadmissionpolicies.${group}`, { object: policy })),
  ).resolves.toBeDefined();
});

describe("a second round", () => {
  const count = (label: string): Mutation =>
    patch(
      `[JSONPatch{op: "add", path: "/metadata/labels/${label}", value: object.metadata.labels.?${label}.orValue("") + "x"}]`,
    );
  /** Changes the object once, behind the policies. */
  const webhook = (): AdmissionPlugin => ({
    name: "Other",
    mutate({ object }, round) {
      if (round.again || object?.metadata?.labels === undefined) return "unchanged";
      object.metadata.labels["other"] = "yes";
      return "changed";
    },
  });
  const labels = async (others: readonly AdmissionPlugin[] = []): Promise<unknown> =>
    (await admit(undefined, others)).object?.metadata?.labels;

  it("is for those that want one, when others change the object after them", async () => {
    trial.mutate({ ...mutations(count("a")), reinvocationPolicy: "IfNeeded" }, {}, "p1");
    trial.mutate(mutations(count("b")), {}, "p2");
    expect(await labels()).toEqual({ app: "web", a: "xx", b: "x" });
  });

  it("is not for the last one", async () => {
    trial.mutate(mutations(count("b")), {}, "p1");
    trial.mutate({ ...mutations(count("a")), reinvocationPolicy: "IfNeeded" }, {}, "p2");
    expect(await labels()).toEqual({ app: "web", a: "x", b: "x" });
  });

  it("is for all that want one, when another plugin changes the object", async () => {
    trial.mutate(mutations(count("b")), {}, "p1");
    trial.mutate({ ...mutations(count("a")), reinvocationPolicy: "IfNeeded" }, {}, "p2");
    expect(await labels([webhook()])).toEqual({ app: "web", a: "xx", b: "x", other: "yes" });
  });
});
