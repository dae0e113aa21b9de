import { describe, expect, it } from "vitest";
import { startTrial, type Loose, type Trial } from "../trial.testing.ts";

const pods = "/api/v1/namespaces/default/pods";
const budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
const container = { name: "c", image: "nginx" };

function pod(name: string, more: object = {}): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app: "web" } },
    spec: { containers: [container], ...more },
  };
}

function binding(name: string, node = "n1", metadata: object = {}): object {
  return { apiVersion: "v1", kind: "Binding", metadata: { name, ...metadata }, target: { kind: "Node", name: node } };
}

async function withPod(more: object = {}): Promise<Trial> {
  const trial = await startTrial();
  await trial.ok("POST", pods, pod("a", more));
  return trial;
}

describe("pods/binding", () => {
  it("puts the pod on its node, with the binding's labels and annotations", async () => {
    await using trial = await withPod();
    const sent = binding("a", "n1", { annotations: { why: "it fits" }, labels: { zone: "z1" } });
    expect(await trial.ok("POST", `${pods}/a/binding`, sent)).toMatchObject({
      kind: "Status",
      status: "Success",
      code: 201,
    });
    const bound = await trial.ok("GET", `${pods}/a`);
    expect(bound).toMatchObject({
      metadata: { generation: 1, labels: { app: "web", zone: "z1" }, annotations: { why: "it fits" } },
      spec: { nodeName: "n1" },
      status: { conditions: [{ type: "PodScheduled", status: "True" }] },
    });
  });

  it("comes by the collection of bindings, too", async () => {
    await using trial = await withPod();
    await trial.ok("POST", "/api/v1/namespaces/default/bindings", binding("a"));
    expect(await trial.ok("GET", `${pods}/a`)).toMatchObject({ spec: { nodeName: "n1" } });
  });

  it("writes nothing on a dry run", async () => {
    await using trial = await withPod();
    await trial.ok("POST", `${pods}/a/binding?dryRun=All`, binding("a"));
    const { spec } = await trial.ok<Loose & { spec: object }>("GET", `${pods}/a`);
    expect(spec).not.toHaveProperty("nodeName");
  });

  it("happens once", async () => {
    await using trial = await withPod();
    await trial.ok("POST", `${pods}/a/binding`, binding("a"));
    expect(await trial.refusal("POST", `${pods}/a/binding`, binding("a", "n2"))).toMatchObject({
      reason: "Conflict",
      message: 'Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node "n1"',
    });
  });

  it.each<[string, object, string, number, string]>([
    ["another pod's name", binding("b"), "BadRequest", 400, "name in URL does not match name in Binding object"],
    [
      "no node",
      { ...binding("a"), target: { kind: "Node" } },
      "Invalid",
      422,
      'Binding "a" is invalid: target.name: Required value',
    ],
    [
      "a target that is no node",
      { ...binding("a"), target: { kind: "Pod", name: "x" } },
      "Invalid",
      422,
      'Binding "a" is invalid: target.kind: Unsupported value: "Pod": supported values: "<empty>", "Node"',
    ],
    [
      "the uid of a pod that is gone",
      binding("a", "n1", { uid: "00000000-0000-4000-8000-000000000000" }),
      "Conflict",
      409,
      "Precondition failed: UID in precondition",
    ],
    [
      "another kind",
      { apiVersion: "v1", kind: "Pod", metadata: { name: "a" } },
      "BadRequest",
      400,
      "must be of type Binding",
    ],
  ])("refuses %s", async (_what, sent, reason, code, message) => {
    await using trial = await withPod();
    const status = await trial.refusal("POST", `${pods}/a/binding`, sent);
    expect(status).toMatchObject({ reason, code });
    expect(status.message).toContain(message);
  });

  it("waits for a pod's gates", async () => {
    await using trial = await withPod({ schedulingGates: [{ name: "example.com/wait" }] });
    const { message } = await trial.refusal("POST", `${pods}/a/binding`, binding("a"));
    expect(message).toContain("pod a has non-empty .spec.schedulingGates");
  });
});

describe("pods/eviction", () => {
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "a" } };

  async function withBudget(status: object, ready = "True"): Promise<Trial> {
    const trial = await withPod();
    await trial.ok("POST", `${pods}/a/binding`, binding("a"));
    const conditions = [{ type: "Ready", status: ready }];
    const headers = { "content-type": "application/merge-patch+json" };
    await trial.ok("PATCH", `${pods}/a/status`, { status: { phase: "Running", conditions } }, headers);
    await trial.ok("POST", budgets, {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "web" },
      spec: { minAvailable: 1, selector: { matchLabels: { app: "web" } } },
    });
    await trial.ok("PATCH", `${budgets}/web/status`, { status: { observedGeneration: 1, ...status } }, headers);
    return trial;
  }

  it("deletes a pod that no budget guards", async () => {
    await using trial = await withPod();
    expect(await trial.ok("POST", `${pods}/a/eviction`, eviction)).toMatchObject({ status: "Success" });
    expect((await trial.refusal("GET", `${pods}/a`)).reason).toBe("NotFound");
  });

  it("takes one disruption of the budget, and tells the pod why it goes", async () => {
    await using trial = await withBudget({
      disruptionsAllowed: 1,
      currentHealthy: 2,
      desiredHealthy: 1,
      expectedPods: 2,
    });
    await trial.ok("POST", `${pods}/a/eviction`, eviction);
    const { status } = await trial.ok<Loose & { status: { disruptedPods: object } }>("GET", `${budgets}/web`);
    expect(status).toMatchObject({
      disruptionsAllowed: 0,
      conditions: [{ type: "DisruptionAllowed", status: "False", reason: "InsufficientPods" }],
    });
    expect(Object.keys(status.disruptedPods)).toEqual(["a"]);
    const gone = await trial.ok<Loose & { status: { conditions: object[] } }>("GET", `${pods}/a`);
    expect(gone.metadata?.deletionTimestamp).toBeDefined();
    expect(gone.status.conditions).toContainEqual(
      expect.objectContaining({ type: "DisruptionTarget", reason: "EvictionByEvictionAPI" }),
    );
  });

  it("is refused where the budget allows none", async () => {
    await using trial = await withBudget({
      disruptionsAllowed: 0,
      currentHealthy: 1,
      desiredHealthy: 1,
      expectedPods: 1,
    });
    expect(await trial.refusal("POST", `${pods}/a/eviction`, eviction)).toMatchObject({
      code: 429,
      reason: "TooManyRequests",
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          { reason: "DisruptionBudget", message: "The disruption budget web needs 1 healthy pods and has 1 currently" },
        ],
      },
    });
    expect((await trial.ok("GET", `${pods}/a`)).metadata?.deletionTimestamp).toBeUndefined();
  });

  it("waits until the budget's status is of its newest spec", async () => {
    await using trial = await withBudget({ observedGeneration: 0, disruptionsAllowed: 1 });
    const { details } = await trial.refusal("POST", `${pods}/a/eviction`, eviction);
    expect(details).toMatchObject({
      retryAfterSeconds: 10,
      causes: [{ message: "The disruption budget web is still being processed by the server." }],
    });
  });

  it("lets an unhealthy pod go while the others are enough", async () => {
    await using trial = await withBudget({ disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 }, "False");
    await trial.ok("POST", `${pods}/a/eviction`, eviction);
    expect((await trial.ok("GET", `${pods}/a`)).metadata?.deletionTimestamp).toBeDefined();
  });

  it("changes nothing on a dry run", async () => {
    await using trial = await withBudget({ disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 });
    await trial.ok("POST", `${pods}/a/eviction`, { ...eviction, deleteOptions: { dryRun: ["All"] } });
    expect(await trial.ok("GET", `${budgets}/web`)).toMatchObject({ status: { disruptionsAllowed: 1 } });
    expect((await trial.ok("GET", `${pods}/a`)).metadata?.deletionTimestamp).toBeUndefined();
  });

  it("is refused for a pod that is not there", async () => {
    await using trial = await startTrial();
    expect((await trial.refusal("POST", `${pods}/a/eviction`, eviction)).message).toBe('pods "a" not found');
  });
});

describe("further doors to a pod and a namespace", () => {
  it("pods/ephemeralcontainers adds a container to debug with, and nothing else", async () => {
    await using trial = await withPod();
    const seen = await trial.ok<Loose & { spec: object }>("GET", `${pods}/a`);
    const debug = { name: "debug", image: "busybox" };
    const sent = { ...seen, spec: { ...seen.spec, nodeName: "n9", ephemeralContainers: [debug] } };
    const changed = await trial.ok<Loose & { spec: object }>("PUT", `${pods}/a/ephemeralcontainers`, sent);
    expect(changed.spec).toMatchObject({ ephemeralContainers: [debug] });
    expect(changed.spec).not.toHaveProperty("nodeName");
  });

  it("pods/resize changes what a container may use", async () => {
    await using trial = await withPod();
    const patch = { spec: { containers: [{ name: "c", resources: { requests: { cpu: "100m" } } }] } };
    const headers = { "content-type": "application/strategic-merge-patch+json" };
    const { code, message } = await trial.refusal("PATCH", `${pods}/a/resize`, patch, headers);
    // A pod without requests would leave its QoS class.
    expect([code, message]).toEqual([
      422,
      expect.stringContaining("Pod QOS Class may not change as a result of resizing"),
    ]);
  });

  it("namespaces/finalize takes the finalizer off, and the namespace goes", async () => {
    await using trial = await startTrial();
    const namespace = await trial.ok("POST", "/api/v1/namespaces", { metadata: { name: "old" } });
    await trial.ok("DELETE", "/api/v1/namespaces/old");
    const answer = await trial.ok("PUT", "/api/v1/namespaces/old/finalize", {
      ...namespace,
      metadata: { name: "old" },
      spec: { finalizers: [] },
    });
    expect(answer).toMatchObject({ status: { phase: "Terminating" } });
    expect((await trial.refusal("GET", "/api/v1/namespaces/old")).code).toBe(404);
  });
});
