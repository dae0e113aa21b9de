import { describe, expect, it } from "vitest";
import type { HorizontalPodAutoscalerSpec, MetricSpec } from "../generated/types/autoscaling-v2.ts";
import { describeFieldError } from "../machinery/field-error.ts";
import { findingsOf, sampleWriteContext } from "../row.testing.ts";
import { horizontalPodAutoscalers } from "./horizontal-pod-autoscalers.ts";

const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };

function findings(spec: Partial<HorizontalPodAutoscalerSpec>): string[] {
  const object = { metadata: { name: "web" }, spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 5, ...spec } };
  const found = horizontalPodAutoscalers.validate?.(object, sampleWriteContext()) ?? [];
  return found.map((one) => `${one.field}: ${describeFieldError(one)}`);
}

it("shows autoscalers as kubectl prints them", () => {
  const object = {
    metadata: { name: "web" },
    spec: { scaleTargetRef, maxReplicas: 5 },
    status: { currentReplicas: 2 },
  };
  expect(horizontalPodAutoscalers.table?.cells(object, { now: 0 })).toEqual([
    "web",
    "Deployment/web",
    "<none>",
    "<unset>",
    5,
    2,
    "<unknown>",
  ]);
});

describe("validation of autoscalers", () => {
  const utilization = { type: "Utilization", averageUtilization: 80 };

  it("has nothing against a good one", () => {
    expect(findings({ metrics: [{ type: "Resource", resource: { name: "cpu", target: utilization } }] })).toEqual([]);
  });

  it.each<[string, Partial<HorizontalPodAutoscalerSpec>, string]>([
    [
      "no replica at least",
      { minReplicas: 0 },
      "spec.minReplicas: Invalid value: 0: must be greater than or equal to 1",
    ],
    [
      "a target of no group",
      { scaleTargetRef: { apiVersion: "v1", kind: "Deployment", name: "x" } },
      'spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group',
    ],
    [
      "less at most than at least",
      { minReplicas: 6 },
      "spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`",
    ],
    ["no target", { scaleTargetRef: { ...scaleTargetRef, name: "" } }, "spec.scaleTargetRef.name: Required value"],
    [
      "a path as a target",
      { scaleTargetRef: { ...scaleTargetRef, kind: "a/b" } },
      "spec.scaleTargetRef.kind: Invalid value: \"a/b\": may not contain '/'",
    ],
    [
      "no policy",
      { behavior: { scaleUp: { policies: [] } } },
      "spec.behavior.scaleUp.policies: Required value: must specify at least one Policy",
    ],
  ])("refuses %s", (_what, spec, finding) => {
    expect(findings(spec)).toEqual([finding]);
  });

  it("wants some replicas at most", () => {
    const said = "spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`";
    expect(findings({ maxReplicas: 0 })).toEqual([
      "spec.maxReplicas: Required value: must be set and greater than 0",
      said,
    ]);
    expect(findings({ maxReplicas: -1 })[0]).toBe(
      "spec.maxReplicas: Invalid value: -1: must be greater than or equal to 1",
    );
  });

  it("wants types", () => {
    expect(findings({ metrics: [{ type: "" }] })[1]).toContain('Unsupported value: ""');
    const untyped = { name: "cpu", target: { type: "", averageUtilization: 1 } };
    expect(findings({ metrics: [{ type: "Resource", resource: untyped }] })[1]).toBe(
      'spec.metrics[0].resource.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue',
    );
  });

  it("lets a target of no group be that is a replication controller, or was there before", () => {
    const controller = { apiVersion: "v1", kind: "ReplicationController", name: "x" };
    expect(findings({ scaleTargetRef: controller })).toEqual([]);
    const old = {
      metadata: { name: "web" },
      spec: { scaleTargetRef: { kind: "Deployment", name: "x" }, maxReplicas: 5 },
    };
    expect(
      findingsOf(horizontalPodAutoscalers, { ...old, spec: { ...old.spec, maxReplicas: 6 } } as object, old),
    ).toEqual([]);
    expect(
      findingsOf(
        horizontalPodAutoscalers,
        { ...old, spec: { ...old.spec, scaleTargetRef: { kind: "Web", name: "x" } } } as object,
        old,
      ),
    ).toHaveLength(1);
  });

  it.each<[string, MetricSpec, string]>([
    [
      "an unknown type",
      { type: "Guess" },
      'type: Unsupported value: "Guess": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
    ],
    [
      "a type without its source",
      { type: "Pods" },
      "pods: Required value: must populate information for the given metric source",
    ],
    [
      "no target",
      { type: "Resource", resource: { name: "cpu", target: { type: "Utilization" } } },
      "resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization",
    ],
    [
      "two targets",
      { type: "Resource", resource: { name: "cpu", target: { ...utilization, averageValue: "1" } } },
      "resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization",
    ],
    [
      "a value of nothing",
      { type: "External", external: { metric: { name: "q" }, target: { type: "Value", value: "0" } } },
      'external.target.value: Invalid value: "0": must be positive',
    ],
    [
      "a share of nothing",
      { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 0 } } },
      "resource.target.averageUtilization: Invalid value: 0: must be greater than 0",
    ],
  ])("refuses a metric with %s", (_what, metric, finding) => {
    expect(findings({ metrics: [metric] })).toEqual([`spec.metrics[0].${finding}`]);
  });
});
