/** Defaults of the autoscaling group. */
import { objectAt } from "../machinery/members.ts";
import type { Json, JsonObject } from "../machinery/object.ts";
import type { DefaultRules, Setter } from "../schema/default.ts";

const cpuPercent = 80;

export const autoscalingDefaults: DefaultRules = {
  "io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler": horizontalPodAutoscalerV1,
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler": horizontalPodAutoscaler,
};

function horizontalPodAutoscalerV1(object: JsonObject, set: Setter): void {
  const spec = set.within(object, "spec");
  set.ifUnset(spec, "minReplicas", 1);
  // v1 keeps all other metrics in this annotation.
  const others = objectAt(objectAt(object, "metadata"), "annotations")?.["autoscaling.alpha.kubernetes.io/metrics"];
  if (others === undefined) set.ifUnset(spec, "targetCPUUtilizationPercentage", cpuPercent);
}

function horizontalPodAutoscaler(object: JsonObject, set: Setter): void {
  const spec = set.within(object, "spec");
  set.ifUnset(spec, "minReplicas", 1);
  set.ifZero(spec, "metrics", [
    { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: cpuPercent } } },
  ]);
  const behavior = objectAt(spec, "behavior");
  if (behavior === undefined) return;
  const doubled = { type: "Percent", value: 100, periodSeconds: 15 };
  const up = set.within(behavior, "scaleUp");
  set.ifUnset(up, "stabilizationWindowSeconds", 0);
  scalingRules(up, [{ type: "Pods", value: 4, periodSeconds: 15 }, { ...doubled }], set);
  scalingRules(set.within(behavior, "scaleDown"), [doubled], set);
}

function scalingRules(rules: JsonObject, policies: Json[], set: Setter): void {
  set.ifUnset(rules, "selectPolicy", "Max");
  set.ifUnset(rules, "policies", policies);
}
