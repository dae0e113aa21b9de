import type * as v1 from "../generated/types/autoscaling-v1.ts";
import type * as v2 from "../generated/types/autoscaling-v2.ts";
import { deepClone } from "../machinery/clone.ts";
import type { DeepReadonly, KubeObject } from "../machinery/object.ts";
import { behaviorFromText, behaviorToText } from "./behavior-annotation.ts";
import { metricFromV1, metricToV1, statusFromV1, statusToV1 } from "./metric-conversion.ts";

/**
 * autoscaling/v1 knows one target, the CPU's. What else v2 says travels in these annotations, so that nothing is lost
 * when a v1 client reads an autoscaler and writes it back.
 */
const annotations = {
  metrics: "autoscaling.alpha.kubernetes.io/metrics",
  currentMetrics: "autoscaling.alpha.kubernetes.io/current-metrics",
  conditions: "autoscaling.alpha.kubernetes.io/conditions",
  behavior: "autoscaling.alpha.kubernetes.io/behavior",
} as const;

export function v1ToV2(object: KubeObject): v2.HorizontalPodAutoscaler {
  // The server converts only what it has decoded as a v1 HorizontalPodAutoscaler.
  const from = object as v1.HorizontalPodAutoscaler;
  const { targetCPUUtilizationPercentage: target, ...spec } = from.spec;
  const cpuTarget = target === undefined ? [] : [cpuMetric({ type: "Utilization", averageUtilization: target })];
  const metrics = [...(listAnnotation(from, "metrics") ?? []).map(metricFromV1), ...cpuTarget];
  const behavior = behaviorFromText(from.metadata?.annotations?.[annotations.behavior]);
  return {
    ...from,
    apiVersion: "autoscaling/v2",
    ...(from.metadata === undefined ? {} : { metadata: withAnnotations(from.metadata, {}) }),
    spec: {
      ...spec,
      ...(metrics.length === 0 ? {} : { metrics }),
      ...(behavior === undefined ? {} : { behavior }),
    },
    ...(from.status === undefined ? {} : { status: statusToV2(from, from.status) }),
  };
}

function statusToV2(
  from: v1.HorizontalPodAutoscaler,
  old: v1.HorizontalPodAutoscalerStatus,
): v2.HorizontalPodAutoscalerStatus {
  const { currentCPUUtilizationPercentage: used, ...status } = old;
  const current = listAnnotation(from, "currentMetrics")?.map(statusFromV1);
  const cpu: v2.MetricStatus[] | undefined =
    used === undefined
      ? undefined
      : [{ type: "Resource", resource: { name: "cpu", current: { averageUtilization: used } } }];
  // The annotation holds the raw values too, so it wins.
  const currentMetrics = current ?? cpu;
  const conditions = listAnnotation(from, "conditions");
  return {
    ...status,
    ...(currentMetrics === undefined ? {} : { currentMetrics }),
    // Written by `v2ToV1`: both versions' conditions look alike.
    ...(conditions === undefined ? {} : { conditions: conditions as unknown as v2.HorizontalPodAutoscalerCondition[] }),
  };
}

export function v2ToV1(object: DeepReadonly<KubeObject>): v1.HorizontalPodAutoscaler {
  // A row's objects are of its hub version.
  const from = deepClone<KubeObject>(object) as v2.HorizontalPodAutoscaler;
  const { metrics = [], behavior, ...spec } = from.spec;
  const { currentMetrics: shown, conditions = [], ...status } = from.status ?? { desiredReplicas: 0 };
  // Go prints the unset list as null.
  const currentMetrics = shown ?? [];
  const target = metrics.find(isCpuUtilization)?.resource?.target.averageUtilization;
  const used = currentMetrics.find(({ type, resource }) => type === "Resource" && resource?.name === "cpu")?.resource
    ?.current;
  const others = metrics.filter((metric) => !isCpuUtilization(metric));
  const carried: Record<string, string> = {
    ...(others.length === 0 ? {} : { [annotations.metrics]: JSON.stringify(others.map(metricToV1)) }),
    ...(currentMetrics.length === 0
      ? {}
      : { [annotations.currentMetrics]: JSON.stringify(currentMetrics.map(statusToV1)) }),
    ...(conditions.length === 0 ? {} : { [annotations.conditions]: JSON.stringify(conditions) }),
    ...(behavior === undefined ? {} : { [annotations.behavior]: behaviorToText(behavior) }),
  };
  return {
    ...from,
    apiVersion: "autoscaling/v1",
    ...metadataWith(from, carried),
    spec: { ...spec, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    status: {
      ...status,
      currentReplicas: status.currentReplicas ?? 0,
      ...(used?.averageUtilization === undefined ? {} : { currentCPUUtilizationPercentage: used.averageUtilization }),
    },
  };
}

function metadataWith(from: v2.HorizontalPodAutoscaler, carried: Record<string, string>): Pick<KubeObject, "metadata"> {
  if (from.metadata === undefined && Object.keys(carried).length === 0) return {};
  return { metadata: withAnnotations(from.metadata ?? {}, carried) };
}

/** The metadata with the annotations of another version replaced. */
function withAnnotations(
  metadata: NonNullable<KubeObject["metadata"]>,
  carried: Record<string, string>,
): NonNullable<KubeObject["metadata"]> {
  const ours: readonly string[] = Object.values(annotations);
  const { annotations: old, ...rest } = metadata;
  const kept = Object.entries(old ?? {}).filter(([key]) => !ours.includes(key));
  const all = [...kept, ...Object.entries(carried)];
  return all.length === 0 ? rest : { ...rest, annotations: Object.fromEntries(all) };
}

function isCpuUtilization({ type, resource }: v2.MetricSpec): boolean {
  return type === "Resource" && resource?.name === "cpu" && resource.target.averageUtilization !== undefined;
}

function cpuMetric(target: v2.MetricTarget): v2.MetricSpec {
  return { type: "Resource", resource: { name: "cpu", target } };
}

/** A list of objects in an annotation; undefined, as upstream has it, when the text is anything else. */
function listAnnotation(
  from: v1.HorizontalPodAutoscaler,
  name: keyof typeof annotations,
): Record<string, unknown>[] | undefined {
  const text = from.metadata?.annotations?.[annotations[name]];
  if (text === undefined) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    if (!Array.isArray(list) || list.length === 0) return undefined;
    return list.every((item) => typeof item === "object" && item !== null) ? list : undefined;
  } catch {
    return undefined;
  }
}
