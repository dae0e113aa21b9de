import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import type {
  PodDisruptionBudget,
  PodDisruptionBudgetSpec,
  PodDisruptionBudgetStatus,
} from "../../api/generated/types/policy-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { formatTime } from "../../api/machinery/time.ts";
import {
  customResourceDefinitions,
  deployments,
  namespaces,
  podDisruptionBudgets,
  pods,
  resourceType,
} from "../../client/resource-types.ts";
import { deploymentController } from "../deployment/deployment-controller.ts";
import { failingAt } from "../failing-at.testing.ts";
import { runPod, runPods } from "../pods/run-pods.testing.ts";
import { toldEvents } from "../pods/told-events.testing.ts";
import { replicaSetController } from "../replicaset/replica-set-controller.ts";
import { stage, type Stage } from "../stage.testing.ts";
import { disruptionController } from "./disruption-controller.ts";

const told = toldEvents(disruptionController);
let play: Stage;

beforeAll(async () => {
  play = await stage([told.controller, deploymentController, replicaSetController], failing);
}, 30_000);
afterAll(() => play[Symbol.asyncDispose]());

const labels = { app: "web" };

async function begin(namespace: string, spec: PodDisruptionBudgetSpec): Promise<void> {
  await play.client.create(namespaces, { metadata: { name: namespace } });
  const budget: PodDisruptionBudget = {
    metadata: { namespace, name: "web" },
    spec: { selector: { matchLabels: labels }, ...spec },
  };
  await play.client.create(podDisruptionBudgets, budget);
  await play.settled();
}

function pod(namespace: string, name: string, owner?: NonNullable<Pod["metadata"]>["ownerReferences"]): Pod {
  return {
    metadata: { namespace, name, labels, ...(owner === undefined ? {} : { ownerReferences: owner }) },
    spec: { containers: [{ name: "web", image: "nginx" }] },
  };
}

async function deploy(namespace: string, replicas: number): Promise<void> {
  const template = { metadata: { labels }, spec: { containers: [{ name: "web", image: "nginx" }] } };
  await play.client.create(deployments, {
    metadata: { namespace, name: "web" },
    spec: { replicas, selector: { matchLabels: labels }, template },
  });
  await play.settled();
  await runPods(play, { namespace });
  await play.settled();
}

async function statusIn(namespace: string): Promise<DeepReadonly<PodDisruptionBudgetStatus> | undefined> {
  await play.settled();
  return (await play.client.get(podDisruptionBudgets, { namespace, name: "web" })).status;
}

function evict(namespace: string, name: string): Promise<unknown> {
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { namespace, name } };
  return play.client.create(pods, eviction, "eviction");
}

const failing = failingAt("unanswered");

describe("a disruption budget", () => {
  it("is right after writes have failed, and after a restart", async () => {
    await begin("failing", { maxUnavailable: 1 });
    await deploy("failing", 3);
    for (const [at, one] of (await play.client.list(pods, { namespace: "failing" })).entries()) {
      failing.arm("failing", at);
      await runPod(play, one, { isReady: false });
      await play.clock.advance(1_000);
      await runPod(play, one);
      await play.clock.advance(1_000);
    }
    expect(failing.failures).toBe(3);
    await play.restart();
    expect(await statusIn("failing")).toMatchObject({ expectedPods: 3, currentHealthy: 3, disruptionsAllowed: 1 });
  });

  it("follows its pods", async () => {
    await begin("counted", { minAvailable: 1 });
    expect(await statusIn("counted")).toMatchObject({
      expectedPods: 0,
      desiredHealthy: 1,
      disruptionsAllowed: 0,
      observedGeneration: 1,
    });
    expect(told.events).toContain("Normal NoPods No matching pods found");
    for (const name of ["one", "two"]) await runPod(play, await play.client.create(pods, pod("counted", name)));
    expect(await statusIn("counted")).toMatchObject({
      expectedPods: 2,
      currentHealthy: 2,
      disruptionsAllowed: 1,
      conditions: [{ type: "DisruptionAllowed", status: "True", reason: "SufficientPods" }],
    });
    await runPod(play, pod("counted", "one"), { isReady: false });
    expect(await statusIn("counted")).toMatchObject({
      currentHealthy: 1,
      disruptionsAllowed: 0,
      conditions: [{ status: "False", reason: "InsufficientPods" }],
    });
    await play.client.patch(pods, { namespace: "counted", name: "two" }, { metadata: { labels: { app: "other" } } });
    expect(await statusIn("counted")).toMatchObject({ expectedPods: 1, currentHealthy: 0 });
  });

  it("expects as many pods as a Deployment wants", async () => {
    await begin("deployed", { maxUnavailable: "30%" });
    await deploy("deployed", 10);
    expect(await statusIn("deployed")).toMatchObject({
      expectedPods: 10,
      currentHealthy: 10,
      desiredHealthy: 7,
      disruptionsAllowed: 3,
    });
  });

  it("lets no more pods be evicted than may be missed, and forgets those that stay after all", async () => {
    await begin("evicted", { maxUnavailable: 1 });
    await deploy("evicted", 3);
    const [first, second] = await play.client.list(pods, { namespace: "evicted" });
    const name = first?.metadata?.name ?? "";
    await evict("evicted", name);
    await expect(evict("evicted", second?.metadata?.name ?? "")).rejects.toMatchObject({ code: 429 });
    expect(await statusIn("evicted")).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 0 });
    await runPods(play, { namespace: "evicted" });
    expect(await statusIn("evicted")).toMatchObject({ currentHealthy: 3, disruptionsAllowed: 1 });
    expect((await statusIn("evicted"))?.disruptedPods).toBeUndefined();
    const budget = { namespace: "evicted", name: "web" };
    const claim = { status: { disruptedPods: { [second?.metadata?.name ?? ""]: formatTime(play.clock.now()) } } };
    await play.client.patch(podDisruptionBudgets, budget, claim, { subresource: "status" });
    expect(await statusIn("evicted")).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 0 });
    await play.clock.advance(121_000);
    expect(await statusIn("evicted")).toMatchObject({ currentHealthy: 3, disruptionsAllowed: 1 });
    expect(told.events).toContain(
      "Warning NotDeleted Pod was expected by PDB evicted/evicted to be deleted but it wasn't",
    );
  });

  it("says that it cannot reckon with pods that nobody manages, and goes on", async () => {
    await begin("unmanaged", { maxUnavailable: 1 });
    await runPod(play, await play.client.create(pods, pod("unmanaged", "alone")));
    expect(await statusIn("unmanaged")).toMatchObject({ expectedPods: 0, disruptionsAllowed: 0 });
    expect(
      told.events.some((event) =>
        event.startsWith("Warning UnmanagedPods Pods selected by this PodDisruptionBudget (selector: &LabelSelector{"),
      ),
    ).toBe(true);
  });

  it("fails safely where the pods' controller is gone, or has no scale", async () => {
    await begin("lost", { maxUnavailable: 1 });
    const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "gone", uid: "0", controller: true };
    await play.client.create(pods, pod("lost", "orphan", [owner]));
    expect((await statusIn("lost"))?.conditions).toMatchObject([
      { status: "False", reason: "SyncFailed", message: 'found no controllers for pod "orphan"' },
    ]);
    await begin("unscaled", { maxUnavailable: 1 });
    await play.client.create(pods, pod("unscaled", "odd", [{ ...owner, apiVersion: "v1", kind: "ConfigMap" }]));
    expect((await statusIn("unscaled"))?.conditions?.[0]?.message).toBe(
      "configmaps does not implement the scale subresource",
    );
    await begin("unknown", { maxUnavailable: 1 });
    await play.client.create(pods, pod("unknown", "odd", [{ ...owner, apiVersion: "example.com/v1", kind: "Thing" }]));
    expect((await statusIn("unknown"))?.conditions?.[0]?.message).toBe(
      'no matches for kind "Thing" in version "example.com/v1"',
    );
    expect(told.events).toContain(
      'Warning CalculateExpectedPodCountFailed Failed to calculate the number of expected pods: found no controllers for pod "orphan"',
    );
  });

  it("asks the scale of custom workloads", async () => {
    const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
    await play.client.create(customResourceDefinitions, {
      metadata: { name: "fleets.example.com" },
      spec: {
        group: "example.com",
        scope: "Namespaced",
        names: { plural: "fleets", kind: "Fleet" },
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            schema,
            subresources: { scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" } },
          },
        ],
      },
    });
    await play.clock.advance(60_000);
    await begin("custom", { maxUnavailable: 1 });
    const fleets = resourceType("example.com/v1", "fleets", "Fleet", "Namespaced");
    const fleet = await play.client.create(fleets, {
      metadata: { namespace: "custom", name: "ships" },
      spec: { replicas: 4 },
    } as object);
    const owner = {
      apiVersion: "example.com/v1",
      kind: "Fleet",
      name: "ships",
      uid: fleet.metadata?.uid ?? "",
      controller: true,
    };
    for (const name of ["one", "two", "three", "four"])
      await runPod(play, await play.client.create(pods, pod("custom", name, [owner])));
    expect(await statusIn("custom")).toMatchObject({
      expectedPods: 4,
      currentHealthy: 4,
      desiredHealthy: 3,
      disruptionsAllowed: 1,
    });
  });
});

it("a pod that was said to be disrupted, and was not, is said to be spared", async () => {
  await play.client.create(namespaces, { metadata: { name: "spared" } });
  await play.client.create(pods, pod("spared", "lucky"));
  const name = { namespace: "spared", name: "lucky" };
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    reason: "EvictionByEvictionAPI",
    lastTransitionTime: formatTime(play.clock.now()),
  };
  await play.client.patch(pods, name, { status: { conditions: [condition] } }, { subresource: "status" });
  await play.clock.advance(110_000);
  expect((await play.client.get(pods, name)).status?.conditions?.[0]?.status).toBe("True");
  await play.clock.advance(20_000);
  expect((await play.client.get(pods, name)).status?.conditions?.[0]).toMatchObject({
    type: "DisruptionTarget",
    status: "False",
  });
});
