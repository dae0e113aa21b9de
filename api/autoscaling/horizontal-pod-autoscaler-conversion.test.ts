import { describe, expect, it } from "vitest";
import type * as v1 from "../generated/types/autoscaling-v1.ts";
import type * as v2 from "../generated/types/autoscaling-v2.ts";
import { v1ToV2, v2ToV1 } from "./horizontal-pod-autoscaler-conversion.ts";

const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const describedObject = { apiVersion: "networking.k8s.io/v1", kind: "Ingress", name: "main" };
const selector = { matchLabels: { queue: "mail" } };

function autoscaler(
  spec: Partial<v2.HorizontalPodAutoscalerSpec>,
  status: Partial<v2.HorizontalPodAutoscalerStatus> = {},
): v2.HorizontalPodAutoscaler {
  return {
    kind: "HorizontalPodAutoscaler",
    apiVersion: "autoscaling/v2",
    metadata: { name: "web", annotations: { keep: "me" } },
    spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 5, ...spec },
    status: { currentReplicas: 0, desiredReplicas: 0, ...status },
  };
}

const cpu: v2.MetricSpec = {
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
};

describe("v2 seen as v1", () => {
  it("has the CPU's target as a field", () => {
    const seen = v2ToV1(autoscaler({ metrics: [cpu] }));
    expect(seen).toEqual({
      kind: "HorizontalPodAutoscaler",
      apiVersion: "autoscaling/v1",
      metadata: { name: "web", annotations: { keep: "me" } },
      spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 5, targetCPUUtilizationPercentage: 80 },
      status: { currentReplicas: 0, desiredReplicas: 0 },
    });
  });

  it("carries what v1 cannot say in annotations", () => {
    const behavior = { scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: "Max", policies: [] } };
    const memory: v2.MetricSpec = {
      type: "Resource",
      resource: { name: "memory", target: { type: "AverageValue", averageValue: "1Gi" } },
    };
    const seen = v2ToV1(autoscaler({ metrics: [memory], behavior }));
    expect(seen.metadata?.annotations).toEqual({
      keep: "me",
      "autoscaling.alpha.kubernetes.io/metrics":
        '[{"type":"Resource","resource":{"name":"memory","targetAverageValue":"1Gi"}}]',
      "autoscaling.alpha.kubernetes.io/behavior":
        '{"ScaleUp":{"StabilizationWindowSeconds":0,"SelectPolicy":"Max","Policies":[],"Tolerance":null},"ScaleDown":null}',
    });
    expect(seen.spec).not.toHaveProperty("targetCPUUtilizationPercentage");
  });

  it("leaves the original as it was", () => {
    const original = autoscaler({ metrics: [cpu] });
    const before = structuredClone(original);
    v2ToV1(original);
    expect(original).toEqual(before);
  });
});

describe("there and back again", () => {
  const metrics: [string, v2.MetricSpec][] = [
    ["the CPU's share", cpu],
    [
      "an amount of CPU",
      { type: "Resource", resource: { name: "cpu", target: { type: "AverageValue", averageValue: "500m" } } },
    ],
    [
      "a container's share",
      {
        type: "ContainerResource",
        containerResource: { name: "cpu", container: "app", target: { type: "Utilization", averageUtilization: 5 } },
      },
    ],
    [
      "a metric of the pods",
      {
        type: "Pods",
        pods: { metric: { name: "rps", selector }, target: { type: "AverageValue", averageValue: "10" } },
      },
    ],
    [
      "a value of an object",
      { type: "Object", object: { describedObject, metric: { name: "rps" }, target: { type: "Value", value: "2k" } } },
    ],
    [
      "an object's value per pod",
      {
        type: "Object",
        object: {
          describedObject,
          metric: { name: "rps", selector },
          target: { type: "AverageValue", averageValue: "20" },
        },
      },
    ],
    [
      "an outside value",
      { type: "External", external: { metric: { name: "queue", selector }, target: { type: "Value", value: "30" } } },
    ],
    [
      "an outside value per pod",
      {
        type: "External",
        external: { metric: { name: "queue" }, target: { type: "AverageValue", averageValue: "3" } },
      },
    ],
  ];

  it.each(metrics)("keeps %s", (_what, metric) => {
    const object = autoscaler({ metrics: [metric] });
    expect(v1ToV2(v2ToV1(object))).toEqual(object);
  });

  it("keeps behavior", () => {
    const behavior = {
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: "Max",
        policies: [{ type: "Pods", value: 4, periodSeconds: 15 }],
        tolerance: "50m",
      },
      scaleDown: {
        stabilizationWindowSeconds: 300,
        selectPolicy: "Disabled",
        policies: [{ type: "Percent", value: 100, periodSeconds: 60 }],
      },
    };
    const object = autoscaler({ metrics: [cpu], behavior });
    expect(v1ToV2(v2ToV1(object))).toEqual(object);
  });

  it("keeps the status", () => {
    const current = { averageUtilization: 42, averageValue: "420m" };
    const object = autoscaler(
      { metrics: [cpu] },
      {
        currentReplicas: 2,
        desiredReplicas: 3,
        currentMetrics: [
          { type: "Resource", resource: { name: "cpu", current } },
          { type: "External", external: { metric: { name: "queue" }, current: { value: "7" } } },
        ],
        conditions: [
          { type: "AbleToScale", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z", reason: "Ready" },
        ],
      },
    );
    const seen = v2ToV1(object);
    expect(seen.status).toEqual({ currentReplicas: 2, desiredReplicas: 3, currentCPUUtilizationPercentage: 42 });
    expect(v1ToV2(seen)).toEqual(object);
  });

  it("keeps a v1 object", () => {
    const object: v1.HorizontalPodAutoscaler = {
      apiVersion: "autoscaling/v1",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "web" },
      spec: { scaleTargetRef, maxReplicas: 3, targetCPUUtilizationPercentage: 50 },
      status: { currentReplicas: 1, desiredReplicas: 1 },
    };
    expect(v2ToV1(v1ToV2(object))).toEqual(object);
  });
});

describe("annotations that nobody wrote rightly", () => {
  it.each(["", "{", "[]", "7", "[1]", "null"])("are dropped: %j", (text) => {
    const object: v1.HorizontalPodAutoscaler = {
      metadata: {
        annotations: {
          "autoscaling.alpha.kubernetes.io/metrics": text,
          "autoscaling.alpha.kubernetes.io/current-metrics": text,
          "autoscaling.alpha.kubernetes.io/conditions": text,
          "autoscaling.alpha.kubernetes.io/behavior": text,
        },
      },
      spec: { scaleTargetRef, maxReplicas: 3 },
    };
    expect(v1ToV2(object)).toEqual({
      apiVersion: "autoscaling/v2",
      metadata: {},
      spec: { scaleTargetRef, maxReplicas: 3 },
    });
  });

  it("put their metrics before the CPU's", () => {
    const text = '[{"type":"Pods","pods":{"metricName":"rps","targetAverageValue":10}}]';
    const object: v1.HorizontalPodAutoscaler = {
      metadata: { annotations: { "autoscaling.alpha.kubernetes.io/metrics": text } },
      spec: { scaleTargetRef, maxReplicas: 3, targetCPUUtilizationPercentage: 80 },
    };
    expect(v1ToV2(object).spec.metrics).toEqual([
      { type: "Pods", pods: { metric: { name: "rps" }, target: { type: "AverageValue", averageValue: "10" } } },
      cpu,
    ]);
  });
});
