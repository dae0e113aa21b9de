import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTrial, type LooseList, type Trial } from "../trial.testing.ts";

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(async () => trial[Symbol.asyncDispose]());

const v1 = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
const v2 = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
const core = "/api/v1/namespaces/default/events";
const events = "/apis/events.k8s.io/v1/namespaces/default/events";
const target = { apiVersion: "apps/v1", kind: "Deployment", name: "d" };
const names = ({ items }: LooseList): readonly (string | undefined)[] => items.map(({ metadata }) => metadata?.name);

describe("an autoscaler", () => {
  it("made in one version is read, listed and watched in the other", async () => {
    const from = await trial.revision();
    await trial.ok("POST", v1, {
      metadata: { name: "old" },
      spec: { scaleTargetRef: target, maxReplicas: 3, targetCPUUtilizationPercentage: 70 },
    });
    await trial.ok("POST", v2, {
      metadata: { name: "new" },
      spec: {
        scaleTargetRef: target,
        maxReplicas: 4,
        metrics: [
          { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } } },
        ],
      },
    });
    expect(await trial.ok("GET", `${v2}/old`)).toMatchObject({
      apiVersion: "autoscaling/v2",
      spec: { metrics: [{ resource: { target: { averageUtilization: 70 } } }] },
    });
    expect(await trial.ok("GET", `${v1}/new`)).toMatchObject({
      apiVersion: "autoscaling/v1",
      spec: { targetCPUUtilizationPercentage: 60 },
    });
    const list = await trial.list(v1);
    expect(list).toMatchObject({ kind: "HorizontalPodAutoscalerList", apiVersion: "autoscaling/v1" });
    expect(
      list.items.map(
        ({ metadata, spec }) =>
          `${metadata?.name} ${(spec as { targetCPUUtilizationPercentage: number }).targetCPUUtilizationPercentage}`,
      ),
    ).toEqual(["new 60", "old 70"]);
    const watch = await trial.watch(`${v1}?watch=1&resourceVersion=${from}`);
    const other = await trial.watch(`${v2}?watch=1&resourceVersion=${from}`);
    expect(
      (await watch.next(2)).map(({ object }) => [
        object.apiVersion,
        Object.keys(object["spec"] as object).includes("metrics"),
      ]),
    ).toEqual([
      ["autoscaling/v1", false],
      ["autoscaling/v1", false],
    ]);
    expect(
      (await other.next(2)).map(({ object }) => [
        object.apiVersion,
        Object.keys(object["spec"] as object).includes("metrics"),
      ]),
    ).toEqual([
      ["autoscaling/v2", true],
      ["autoscaling/v2", true],
    ]);
    await trial.ok("DELETE", `${v1}/new`);
    expect(await watch.next(1)).toMatchObject([
      {
        type: "DELETED",
        object: { apiVersion: "autoscaling/v1", metadata: { resourceVersion: String(await trial.revision()) } },
      },
    ]);
  });

  it("is patched in the version of the URL", async () => {
    await trial.ok("POST", v2, { metadata: { name: "patched" }, spec: { scaleTargetRef: target, maxReplicas: 4 } });
    await trial.ok(
      "PATCH",
      `${v1}/patched`,
      { spec: { targetCPUUtilizationPercentage: 33 } },
      { "content-type": "application/merge-patch+json" },
    );
    expect(await trial.ok("GET", `${v2}/patched`)).toMatchObject({
      spec: { metrics: [{ resource: { target: { averageUtilization: 33 } } }] },
    });
  });

  it("whose status was never written is read in either version", async () => {
    await trial.ok("POST", v2, { metadata: { name: "idle" }, spec: { scaleTargetRef: target, maxReplicas: 4 } });
    expect(await trial.ok("GET", `${v2}/idle`)).toMatchObject({ status: { currentMetrics: null, desiredReplicas: 0 } });
    expect(await trial.ok("GET", `${v1}/idle`)).toMatchObject({ status: { currentReplicas: 0, desiredReplicas: 0 } });
  });

  it("of the other version's apiVersion is refused", async () => {
    expect(
      await trial.refusal("POST", v1, {
        apiVersion: "autoscaling/v2",
        kind: "HorizontalPodAutoscaler",
        metadata: { name: "x" },
      }),
    ).toMatchObject({
      code: 400,
      message: "the API version in the data (autoscaling/v2) does not match the expected API version (autoscaling/v1)",
    });
  });
});

describe("an event", () => {
  beforeAll(async () => {
    const involvedObject = { kind: "Pod", name: "p", namespace: "default", uid: "u" };
    await trial.ok("POST", core, {
      metadata: { name: "by-core" },
      involvedObject,
      reason: "Pulled",
      message: "m",
      source: { component: "kubelet" },
      type: "Normal",
    });
    await trial.ok("POST", events, {
      metadata: { name: "by-events" },
      eventTime: "2026-01-02T03:04:05.000006Z",
      regarding: { ...involvedObject, name: "q" },
      reason: "Killed",
      note: "n",
      action: "Kill",
      type: "Warning",
      reportingController: "example.com/c",
      reportingInstance: "c-0",
    });
  });

  it("has the names of the group it is read in", async () => {
    expect(await trial.ok("GET", `${events}/by-core`)).toMatchObject({
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      regarding: { name: "p" },
      note: "m",
      deprecatedSource: { component: "kubelet" },
    });
    expect(await trial.ok("GET", `${core}/by-events`)).toMatchObject({
      apiVersion: "v1",
      involvedObject: { name: "q" },
      message: "n",
      reportingComponent: "example.com/c",
      eventTime: "2026-01-02T03:04:05.000006Z",
    });
  });

  it.each([
    [core, "involvedObject.name%3Dp", ["by-core"]],
    [core, "involvedObject.kind%3DPod,involvedObject.namespace%3Ddefault", ["by-core", "by-events"]],
    [core, "involvedObject.fieldPath%3D", ["by-core", "by-events"]],
    [core, "involvedObject.uid%3D", []],
    [core, "source%3Dkubelet", ["by-core"]],
    [core, "reason%21%3DKilled", ["by-core"]],
    [core, "reportingComponent%3Dexample.com/c", ["by-events"]],
    [events, "regarding.name%3Dq", ["by-events"]],
    [events, "reportingController%3Dexample.com/c", ["by-events"]],
    [events, "type%3DWarning", ["by-events"]],
    [events, "metadata.name%3Dby-core", ["by-core"]],
  ] as const)("in %s is selected by %s", async (url, selector, expected) => {
    expect(names(await trial.list(`${url}?fieldSelector=${selector}`))).toEqual(expected);
    const watch = await trial.watch(`${url}?watch=1&fieldSelector=${selector}`);
    if (expected.length > 0)
      expect((await watch.next(expected.length)).map(({ object }) => object.metadata?.name)).toEqual(expected);
    else expect(watch.source.take(1)).toBeUndefined();
  });

  it.each([
    [core, "regarding.name%3Dq"],
    [events, "involvedObject.name%3Dp"],
    [core, "spec.nodeName%3Dn"],
  ])("in %s is not selected by %s", async (url, selector) => {
    const status = await trial.refusal("GET", `${url}?fieldSelector=${selector}`);
    expect([status.code, status.message]).toEqual([400, expect.stringContaining("field label not supported")]);
  });
});
