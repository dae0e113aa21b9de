import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { KubeObject } from "../../../api/machinery/object.ts";
import { admissionRequest, refusal, type TrialRequest } from "../objects.testing.ts";
import { everyPod, startWebhooks, type WebhookTrial } from "./trial.testing.ts";

let trial: WebhookTrial;
beforeEach(async () => {
  trial = await startWebhooks();
});
afterEach(() => trial[Symbol.asyncDispose]());

const pod = (labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", namespace: "ns", labels },
});
const broken = "object.metadata.none == 'x'";
const podRequest = (given: Partial<TrialRequest> = {}): TrialRequest =>
  admissionRequest("pods", { object: pod(), ...given });
const paths = (): readonly string[] => trial.reviews().map(({ path }) => path);
const validate = (request = podRequest()): Promise<unknown> =>
  Promise.resolve(trial.validating.validate?.(request)).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

describe("what a webhook is told", () => {
  it("is the whole request", async () => {
    trial.configure("c", { name: "tell" });
    const user = { name: "ann", uid: "u1", groups: ["g"], extra: { "example.com/x": ["1", "2"] } };
    const options = { apiVersion: "meta.k8s.io/v1", kind: "UpdateOptions", fieldManager: "m" };
    await validate(podRequest({ user, options, old: pod({ was: "here" }), subresource: "" }));
    expect(trial.server.received[0]?.url).toBe("/tell?timeout=10s");
    expect(trial.reviews()[0]?.review).toEqual({
      kind: "AdmissionReview",
      apiVersion: "admission.k8s.io/v1",
      request: {
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        kind: { group: "", version: "v1", kind: "Pod" },
        resource: { group: "", version: "v1", resource: "pods" },
        requestKind: { group: "", version: "v1", kind: "Pod" },
        requestResource: { group: "", version: "v1", resource: "pods" },
        name: "web",
        namespace: "ns",
        operation: "UPDATE",
        userInfo: { username: "ann", uid: "u1", groups: ["g"], extra: { "example.com/x": ["1", "2"] } },
        object: pod(),
        oldObject: pod({ was: "here" }),
        dryRun: false,
        options,
      },
    });
  });

  it("is null where there is nothing", async () => {
    trial.configure("c", { name: "tell", admissionReviewVersions: ["v2", "v1beta1", "v1"] });
    await validate(admissionRequest("pods", { old: pod() }));
    const { review, request } = trial.reviews()[0] ?? {};
    expect(review?.apiVersion).toBe("admission.k8s.io/v1beta1");
    expect(request).toMatchObject({ operation: "DELETE", object: null, oldObject: pod(), options: null });
  });

  it("names the kind that a subresource has", async () => {
    trial.configure("c", { name: "tell", rules: [{ ...everyPod, resources: ["pods/*"] }] });
    const binding: object = { apiVersion: "v1", kind: "Binding", metadata: { name: "web" }, target: { name: "n" } };
    await validate(podRequest({ object: binding, subresource: "binding" }));
    expect(trial.reviews()[0]?.request).toMatchObject({
      kind: { group: "", version: "v1", kind: "Binding" },
      resource: { group: "", version: "v1", resource: "pods" },
      subResource: "binding",
      requestSubResource: "binding",
      object: binding,
    });
  });

  it("shows a Namespace in itself", async () => {
    trial.configure("c", { name: "tell", rules: [{ ...everyPod, resources: ["namespaces"] }] });
    await validate(admissionRequest("namespaces", { object: { kind: "Namespace", metadata: { name: "new" } } }));
    expect(trial.reviews()[0]?.request).toMatchObject({ name: "new", namespace: "new" });
  });

  it("is in the version that its rule names", async () => {
    const rules = [{ ...everyPod, apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"] }];
    const object: object = {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "h" },
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { kind: "Deployment", name: "d" },
        metrics: [
          { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
        ],
      },
    };
    trial.configure("c", { name: "equivalent", rules }, { name: "exact", rules, matchPolicy: "Exact" });
    await validate(admissionRequest("horizontalpodautoscalers.autoscaling", { object }));
    expect(paths()).toEqual(["equivalent"]);
    expect(trial.reviews()[0]?.request).toMatchObject({
      kind: { group: "autoscaling", version: "v1", kind: "HorizontalPodAutoscaler" },
      requestKind: { group: "autoscaling", version: "v2", kind: "HorizontalPodAutoscaler" },
      object: { apiVersion: "autoscaling/v1", spec: { targetCPUUtilizationPercentage: 70 } },
    });
  });
});

describe("which webhooks are asked", () => {
  it.each<[string, object, boolean]>([
    ["by any rule", { rules: [{ ...everyPod, apiGroups: ["apps"] }, everyPod] }, true],
    ["of another group", { rules: [{ ...everyPod, apiGroups: ["apps"] }] }, false],
    ["of another version", { rules: [{ ...everyPod, apiVersions: ["v2"] }] }, false],
    ["of all", { rules: [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*/*"] }] }, true],
    ["of other operations", { rules: [{ ...everyPod, operations: ["DELETE", "UPDATE"] }] }, false],
    ["of this operation", { rules: [{ ...everyPod, operations: ["DELETE", "CREATE"] }] }, true],
    ["of a pod's parts", { rules: [{ ...everyPod, resources: ["pods/status"] }] }, false],
    ["of what is cluster-wide", { rules: [{ ...everyPod, scope: "Cluster" }] }, false],
    ["of what is in namespaces", { rules: [{ ...everyPod, scope: "Namespaced" }] }, true],
    ["without rules", { rules: [] }, false],
    ["of this namespace", { namespaceSelector: { matchLabels: { team: "a" } } }, true],
    ["of other namespaces", { namespaceSelector: { matchLabels: { team: "b" } } }, false],
    ["of other objects", { objectSelector: { matchLabels: { app: "db" } } }, false],
    ["of objects like this", { objectSelector: { matchLabels: { app: "web" } } }, true],
    [
      "whose conditions hold",
      {
        matchConditions: [
          "object.metadata.name == 'web' && oldObject == null",
          "request.resource.resource == 'pods' && request.userInfo.username == 'ann' && !request.dryRun",
          "authorizer.group('').resource('secrets').check('get').allowed()",
          "authorizer.group('').resource('secrets').check('watch').allowed()",
          "!authorizer.group('').resource('pods').check('watch').allowed() || true",
        ].map((expression, index) => ({ name: `c${index}`, expression })),
      },
      true,
    ],
    [
      "whose condition does not hold, whatever else fails",
      { matchConditions: [broken, "request.operation == 'DELETE'"].map((expression) => ({ name: "a", expression })) },
      false,
    ],
    [
      "that may fail, whose condition fails",
      { failurePolicy: "Ignore", matchConditions: [{ name: "a", expression: broken }] },
      false,
    ],
  ])("%s", async (_what, hook, asked) => {
    trial.configure("c", { name: "x", ...hook });
    expect(await validate(podRequest({ object: pod({ app: "web" }) }))).toBeUndefined();
    expect(paths()).toEqual(asked ? ["x"] : []);
  });

  it("counts the old object's labels too", async () => {
    trial.configure("c", { name: "x", objectSelector: { matchLabels: { app: "web" } } });
    await validate(podRequest({ old: pod({ app: "web" }) }));
    expect(paths()).toEqual(["x"]);
  });

  it("counts what is written of a namespace, and what is stored when it is deleted", async () => {
    const rules = [{ ...everyPod, resources: ["namespaces"] }];
    trial.configure("c", { name: "x", rules, namespaceSelector: { matchLabels: { team: "b" } } });
    const object = { kind: "Namespace", metadata: { name: "ns", labels: { team: "b" } } };
    await validate(admissionRequest("namespaces", { object, old: { metadata: { name: "ns" } } }));
    expect(paths()).toEqual(["x"]);
    await validate(admissionRequest("namespaces", { old: object }));
    expect(paths()).toEqual(["x"]);
  });

  it("refuses where a condition fails", async () => {
    trial.configure("c", { name: "x", matchConditions: [{ name: "a", expression: broken }] });
    expect(await validate()).toMatchObject({
      code: 403,
      message: `pods "web" is forbidden: expression '${broken}' resulted in error: no such key: none`,
    });
  });

  it("asks none about webhooks", async () => {
    const rules = [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*"] }];
    trial.configure("c", { name: "x", rules });
    const resource = "validatingwebhookconfigurations.admissionregistration.k8s.io";
    await validate(admissionRequest(resource, { object: { metadata: { name: "c" } } }));
    expect(paths()).toEqual([]);
  });

  it("follows the configurations", async () => {
    expect(await validate()).toBeUndefined();
    trial.configure("c", { name: "x" });
    await validate();
    trial.objects.remove("validatingwebhookconfigurations.admissionregistration.k8s.io", "", "c");
    await validate();
    expect(paths()).toEqual(["x"]);
  });
});

describe("a refusal", () => {
  it.each<[object | undefined, object]>([
    [
      { code: 403, message: "not on a Friday", reason: "Forbidden" },
      { code: 403, reason: "Forbidden", message: 'admission webhook "no" denied the request: not on a Friday' },
    ],
    [
      { reason: "my own reason", details: { kind: "pods", causes: [{ field: "spec" }] } },
      {
        code: 400,
        reason: "my own reason",
        details: { kind: "pods", causes: [{ field: "spec" }] },
        message: 'admission webhook "no" denied the request: my own reason',
      },
    ],
    [
      { code: 200, status: "Success" },
      { code: 400, message: 'admission webhook "no" denied the request without explanation' },
    ],
    [undefined, { code: 400, reason: "", message: 'admission webhook "no" denied the request without explanation' }],
  ])("keeps what the webhook said: %j", async (status, expected) => {
    trial.configure("c", { name: "no", failurePolicy: "Ignore" });
    trial.on("no", () => ({ allowed: false, ...(status === undefined ? {} : { status: { ...status } }) }));
    expect(await validate()).toMatchObject(expected);
  });

  it("is the first in their order, when all have answered", async () => {
    trial.configure("b", { name: "second" });
    trial.configure("a", { name: "first" }, { name: "fine" });
    for (const name of ["first", "second"]) trial.on(name, () => ({ allowed: false }));
    expect(await refusal(trial.validating, podRequest())).toContain('webhook "first" denied');
    expect(new Set(paths())).toEqual(new Set(["first", "second", "fine"]));
  });

  it("passes warnings and audit annotations on", async () => {
    trial.configure("c", { name: "no" });
    trial.on("no", () => ({ allowed: false, warnings: ["careful", 7], auditAnnotations: { why: "because" } }));
    const request = podRequest();
    await validate(request);
    expect(request.warnings).toEqual(["careful"]);
    expect(request.annotations).toEqual(new Map([["no/why", "because"]]));
  });
});

describe("a webhook that fails", () => {
  it.each<[string, object, string]>([
    ["answers another question", { uid: "x" }, 'received invalid webhook response: expected response.uid="'],
    [
      "patches",
      { patch: "W10=" },
      "received invalid webhook response: validating webhook may not return response.patch",
    ],
    [
      "wants to patch",
      { patchType: "JSONPatch" },
      "received invalid webhook response: validating webhook may not return response.patchType",
    ],
  ])("%s", async (_what, response, message) => {
    trial.configure("c", { name: "bad" });
    trial.on("bad", () => ({ allowed: true, ...response }));
    expect(await validate()).toMatchObject({
      code: 500,
      reason: "InternalError",
      message: expect.stringContaining(`Internal error occurred: failed calling webhook "bad": ${message}`),
      details: { causes: [{ message: expect.stringContaining('failed calling webhook "bad"') }] },
    });
  });

  it("answers nothing, or something else", async () => {
    trial.configure("c", { name: "bad" });
    trial.server.answer(() => ({ body: { kind: "AdmissionReview" } }));
    expect(await validate()).toMatchObject({ message: expect.stringContaining("webhook response was absent") });
    trial.server.answer(({ body }) => {
      const { uid } = JSON.parse(body.toString()).request;
      return { body: { kind: "Review", apiVersion: "x/v1", response: { uid, allowed: true } } };
    });
    expect(await validate()).toMatchObject({
      message: expect.stringContaining(
        "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got x/v1, Kind=Review",
      ),
    });
  });

  it("cannot be reached", async () => {
    const service = { namespace: "x", name: "gone" };
    trial.configure("c", { name: "bad", clientConfig: { service } });
    expect(await validate()).toMatchObject({
      code: 500,
      message:
        'Internal error occurred: failed calling webhook "bad": failed to call webhook: Post "https://gone.x.svc:443/?timeout=10s": service "gone" not found',
    });
    trial.configure("c", { name: "bad", failurePolicy: "Ignore", clientConfig: { service } });
    const request = podRequest();
    expect(await validate(request)).toBeUndefined();
    expect(request.annotations).toEqual(
      new Map([["failed-open.validating.webhook.admission.k8s.io/round_0_index_0", "bad"]]),
    );
  });

  it("takes too long", async () => {
    let asked: () => void = () => undefined;
    const began = new Promise<void>((resolve) => (asked = resolve));
    trial.server.answer(() => {
      asked();
      return "handled";
    });
    trial.configure("c", { name: "slow", timeoutSeconds: 2 });
    const judged = validate();
    await began;
    trial.clock.advance(2000);
    expect(await judged).toMatchObject({ message: expect.stringMatching(/timeout=2s": context deadline exceeded$/) });
  });

  it("speaks no version that we know", async () => {
    trial.configure("c", { name: "bad", admissionReviewVersions: ["v7"] });
    expect(await validate()).toMatchObject({
      message: expect.stringContaining(
        "could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)",
      ),
    });
  });
});

describe("a dry run", () => {
  it("is not for webhooks with side effects", async () => {
    trial.configure("c", { name: "some", sideEffects: "Some", failurePolicy: "Ignore" });
    expect(await validate(podRequest({ dryRun: true }))).toMatchObject({
      code: 400,
      reason: "BadRequest",
      message: 'admission webhook "some" does not support dry run',
    });
    expect(paths()).toEqual([]);
  });

  it("is told", async () => {
    trial.configure("c", { name: "none", sideEffects: "NoneOnDryRun" });
    expect(await validate(podRequest({ dryRun: true }))).toBeUndefined();
    expect(trial.reviews()[0]?.request).toMatchObject({ dryRun: true });
  });
});

it("is told that its request is over", async () => {
  trial.configure("c", { name: "x" });
  expect(await validate(podRequest({ signal: () => AbortSignal.abort() }))).toMatchObject({
    code: 504,
    message: "Timeout: request did not complete within requested timeout",
  });
});
