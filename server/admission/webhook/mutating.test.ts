import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { KubeObject } from "../../../api/machinery/object.ts";
import { admitMutating } from "../chain.ts";
import { admissionRequest, type TrialRequest } from "../objects.testing.ts";
import type { AdmissionPlugin } from "../plugin.ts";
import { everyPod, labelled, patchOf, startWebhooks, type WebhookTrial } from "./trial.testing.ts";

let trial: WebhookTrial;
beforeEach(async () => {
  trial = await startWebhooks();
});
afterEach(() => trial[Symbol.asyncDispose]());

const pod = (): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", namespace: "ns", labels: { app: "web" } },
});
const podRequest = (given: Partial<TrialRequest> = {}): TrialRequest =>
  admissionRequest("pods", { object: pod(), ...given });
const paths = (): readonly string[] => trial.reviews().map(({ path }) => path);
const admit = async (request = podRequest(), ...others: readonly AdmissionPlugin[]): Promise<TrialRequest> => {
  await admitMutating([...others, trial.mutating], request);
  return request;
};
const refused = (request = podRequest()): Promise<unknown> => admit(request).catch((thrown: unknown) => thrown);

describe("webhooks that change objects", () => {
  it("see what the ones before left, in the order of their configurations", async () => {
    trial.configure("b", { name: "two" });
    trial.configure("a", { name: "one" });
    trial.on("one", () => labelled("one"));
    trial.on("two", ({ request }) => labelled("two", request.object.metadata?.labels?.["one"]));
    const { object } = await admit();
    expect(paths()).toEqual(["one", "two"]);
    expect(object?.metadata?.labels).toEqual({ app: "web", one: "yes", two: "yes" });
  });

  it("are followed by the defaults of what they add", async () => {
    trial.configure("c", { name: "sidecar" });
    trial.on("sidecar", () =>
      patchOf({ op: "add", path: "/spec", value: { containers: [{ name: "s", image: "i:1" }] } }),
    );
    expect((await admit()).object).toMatchObject({
      spec: { restartPolicy: "Always", containers: [{ imagePullPolicy: "IfNotPresent" }] },
    });
  });

  it("work in the version that their rule names", async () => {
    trial.configure("c", {
      name: "v1",
      rules: [{ ...everyPod, apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"] }],
    });
    trial.on("v1", () => patchOf({ op: "add", path: "/spec/targetCPUUtilizationPercentage", value: 55 }));
    const object: object = {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "h" },
      spec: { maxReplicas: 3, scaleTargetRef: { kind: "Deployment", name: "d" } },
    };
    const request = await admit(admissionRequest("horizontalpodautoscalers.autoscaling", { object }));
    expect(request.object).toMatchObject({
      apiVersion: "autoscaling/v2",
      spec: { metrics: [{ resource: { name: "cpu", target: { averageUtilization: 55 } } }] },
    });
  });

  it("leave audit annotations", async () => {
    trial.configure("c", { name: "same" }, { name: "change" });
    trial.on("change", () => labelled("x"));
    const { annotations } = await admit();
    const told = (webhook: string, more: object): string => JSON.stringify({ configuration: "c", webhook, ...more });
    const patch = [{ op: "add", path: "/metadata/labels/x", value: "yes" }];
    expect(annotations).toEqual(
      new Map([
        ["mutation.webhook.admission.k8s.io/round_0_index_0", told("same", { mutated: false })],
        ["patch.webhook.admission.k8s.io/round_0_index_1", told("change", { patch, patchType: "JSONPatch" })],
        ["mutation.webhook.admission.k8s.io/round_0_index_1", told("change", { mutated: true })],
      ]),
    );
  });

  it("may answer in v1beta1 without a patch type", async () => {
    trial.configure("c", { name: "old", admissionReviewVersions: ["v1beta1"] });
    trial.on("old", () => ({ uid: "", patch: labelled("x")["patch"] ?? "", allowed: true }));
    expect((await admit()).object?.metadata?.labels).toHaveProperty("x");
  });
});

describe("reinvocation", () => {
  it("asks those again that want it, when something changed after them", async () => {
    trial.configure(
      "c",
      { name: "first", reinvocationPolicy: "IfNeeded" },
      { name: "never" },
      { name: "change", reinvocationPolicy: "IfNeeded" },
    );
    trial.on("change", () => labelled("x"));
    const request = await admit();
    expect(paths()).toEqual(["first", "never", "change", "first"]);
    expect([...request.annotations.keys()]).toContain("mutation.webhook.admission.k8s.io/round_1_index_0");
  });

  it("asks nobody again when nothing changed, or only by the webhook itself", async () => {
    trial.configure("c", { name: "change", reinvocationPolicy: "IfNeeded" });
    trial.on("change", ({ request }) => labelled(`n${Object.keys(request.object.metadata?.labels ?? {}).length}`));
    await admit();
    expect(paths()).toEqual(["change"]);
  });

  it("asks again when a plugin changed what the webhooks left", async () => {
    trial.configure("c", { name: "change", reinvocationPolicy: "IfNeeded" });
    trial.on("change", () => labelled("x"));
    const plugin: AdmissionPlugin = {
      name: "Test",
      mutate({ object }, { again }) {
        if (!again || object?.metadata?.labels === undefined) return "unchanged";
        object.metadata.labels["plugin"] = "yes";
        return "changed";
      },
    };
    await admit(podRequest(), plugin);
    expect(paths()).toEqual(["change", "change"]);
  });

  it("is never endless", async () => {
    trial.configure("c", ...["a", "b"].map((name) => ({ name, reinvocationPolicy: "IfNeeded" })));
    for (const name of ["a", "b"]) trial.on(name, ({ request }) => labelled(name, request.uid));
    await admit();
    expect(paths()).toEqual(["a", "b", "a", "b"]);
  });
});

describe("a refusal", () => {
  it("ends the walk", async () => {
    trial.configure("c", { name: "no" }, { name: "later" });
    trial.on("no", () => ({ allowed: false, status: { message: "no", code: 409 } }));
    expect(await refused()).toMatchObject({ code: 409, message: 'admission webhook "no" denied the request: no' });
    expect(paths()).toEqual(["no"]);
  });

  it.each<[string, object, string]>([
    ["no type", { patch: "W10=" }, "webhook returned response.patch but not response.patchType"],
    ["no patch", { patchType: "JSONPatch" }, "webhook returned response.patchType but not response.patch"],
    ["another type", { patch: "W10=", patchType: "Merge" }, 'unsupported patch type "Merge"'],
    ["no list", patchOf()["patch"] === "" ? {} : { patch: "e30=", patchType: "JSONPatch" }, "cannot unmarshal object"],
    ["a path that is not there", patchOf({ op: "remove", path: "/spec/none" }), "doc is missing path"],
    ["another kind", patchOf({ op: "replace", path: "/kind", value: "Node" }), "unable to decode v1, Kind=Node"],
    ["a wrong type", patchOf({ op: "add", path: "/metadata/labels", value: 7 }), "labels"],
  ])("comes of a patch with %s", async (_what, response, message) => {
    trial.configure("c", { name: "bad" });
    trial.on("bad", () => ({ allowed: true, ...response }));
    const request = podRequest();
    expect(await refused(request)).toMatchObject({
      code: 500,
      reason: "InternalError",
      message: expect.stringContaining(message),
    });
    expect(request.object).toEqual(pod());
  });

  it("comes of a patch where there is nothing to patch", async () => {
    trial.configure("c", { name: "bad" });
    trial.on("bad", () => labelled("x"));
    expect(await refused(admissionRequest("pods", { old: pod() }))).toMatchObject({
      code: 500,
      message:
        'Internal error occurred: admission webhook "bad" attempted to modify the object, which is not supported for this operation',
    });
  });
});

it("passes over a webhook that may fail", async () => {
  trial.configure(
    "c",
    { name: "bad", failurePolicy: "Ignore", clientConfig: { url: "https://127.0.0.1:1/" } },
    { name: "next" },
  );
  const { annotations } = await admit();
  expect(paths()).toEqual(["next"]);
  expect(annotations.get("failed-open.mutation.webhook.admission.k8s.io/round_0_index_0")).toBe("bad");
});

it("keeps odd keys as data", async () => {
  trial.configure("c", { name: "odd" });
  trial.on("odd", () => patchOf({ op: "add", path: "/metadata/annotations", value: JSON.parse('{"__proto__":"x"}') }));
  const { object } = await admit();
  expect(Object.keys(object?.metadata?.annotations ?? {})).toEqual(["__proto__"]);
});
