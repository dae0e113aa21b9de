import type {
  CrossVersionObjectReference,
  HorizontalPodAutoscalerSpec,
  HPAScalingRules,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
} from "../generated/types/autoscaling-v2.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, named, required, requiredName, unsupported, oneOf } from "../machinery/findings.ts";
import { pathSegment } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { parseQuantity } from "../machinery/quantity.ts";

type Spec = DeepReadonly<HorizontalPodAutoscalerSpec>;

export function validateAutoscaler(spec: Spec): FieldError[] {
  const { minReplicas, maxReplicas } = spec;
  const findings: FieldError[] = [];
  if (minReplicas !== undefined && minReplicas < 1) {
    findings.push(bad("spec.minReplicas", minReplicas, "must be greater than or equal to 1"));
  }
  if (!maxReplicas) findings.push(required("spec.maxReplicas", "must be set and greater than 0"));
  else if (maxReplicas < 0) findings.push(bad("spec.maxReplicas", maxReplicas, "must be greater than or equal to 1"));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    findings.push(bad("spec.maxReplicas", maxReplicas, "must be greater than or equal to `minReplicas`"));
  }
  return [
    ...findings,
    ...reference(spec.scaleTargetRef, "spec.scaleTargetRef"),
    ...(spec.metrics ?? []).flatMap((metric, index) => validateMetric(metric, `spec.metrics[${index}]`)),
    ...scalingRules(spec.behavior?.scaleUp, "spec.behavior.scaleUp"),
    ...scalingRules(spec.behavior?.scaleDown, "spec.behavior.scaleDown"),
  ];
}

function reference(to: DeepReadonly<CrossVersionObjectReference>, path: string): FieldError[] {
  return [
    ...requiredName(`${path}.kind`, to.kind, pathSegment),
    ...requiredName(`${path}.name`, to.name, pathSegment),
    ...((to.apiVersion ?? "").split("/").length > 2
      ? [bad(`${path}.apiVersion`, to.apiVersion, `unexpected GroupVersion string: ${to.apiVersion}`)]
      : []),
  ];
}

/** Only replication controllers are of the core group. What was let in before may stay. */
export function validateTargetGroup({ scaleTargetRef: to }: Spec, old?: Spec): FieldError[] {
  const before = old?.scaleTargetRef;
  const isKept = before !== undefined && before.apiVersion === to.apiVersion && before.kind === to.kind;
  if (isKept || to.kind === "ReplicationController" || /^[^/]+\/|\/.*\//.test(to.apiVersion ?? "")) return [];
  return [bad("spec.scaleTargetRef.apiVersion", to.apiVersion ?? "", "apiVersion must specify API group")];
}

const sources = {
  ContainerResource: "containerResource",
  External: "external",
  Object: "object",
  Pods: "pods",
  Resource: "resource",
} as const;

function validateMetric(metric: DeepReadonly<MetricSpec>, path: string): FieldError[] {
  const type = metric.type;
  if (!Object.hasOwn(sources, type)) {
    const missing = type ? [] : [required(`${path}.type`, "must specify a metric source type")];
    return [...missing, unsupported(`${path}.type`, type ?? "", Object.keys(sources))];
  }
  // `hasOwn` has just shown it.
  const expected = sources[type as keyof typeof sources];
  const present = Object.values(sources).filter((source) => metric[source] !== undefined);
  const findings: FieldError[] = [];
  if (metric[expected] === undefined) {
    findings.push(required(`${path}.${expected}`, "must populate information for the given metric source"));
  }
  for (const other of present.filter((source) => source !== expected)) {
    findings.push(forbidden(`${path}.${other}`, "must populate the given metric source only"));
  }
  return [...findings, ...present.slice(0, 1).flatMap((source) => validateSource(metric, source, `${path}.${source}`))];
}

function validateSource(metric: DeepReadonly<MetricSpec>, source: keyof MetricSpec, path: string): FieldError[] {
  const { object, pods, external, resource, containerResource } = metric;
  if (source === "object" && object) {
    return [
      ...reference(object.describedObject, `${path}.describedObject`),
      ...identifier(object.metric, path),
      ...objectTarget(object.target, path),
    ];
  }
  if (source === "pods" && pods) return [...identifier(pods.metric, path), ...podsTarget(pods.target, path)];
  if (source === "external" && external)
    return [...identifier(external.metric, path), ...externalTarget(external.target, path)];
  if (source === "resource" && resource) return resourceSource(resource, path);
  if (source !== "containerResource" || !containerResource) return [];
  const container = containerResource.container ? [] : [required(`${path}.container`, "must specify a container")];
  return [...resourceSource(containerResource, path), ...container];
}

function identifier({ name }: DeepReadonly<MetricIdentifier>, path: string): FieldError[] {
  if (!name) return [required(`${path}.metric.name`, "must specify a metric name")];
  return named(`${path}.metric.name`, name, pathSegment(name));
}

type Target = DeepReadonly<MetricTarget>;

function objectTarget(target: Target, path: string): FieldError[] {
  const findings = metricTarget(target, `${path}.target`);
  if (target.value !== undefined || target.averageValue !== undefined) return findings;
  return [...findings, required(`${path}.target.averageValue`, "must set either a target value or averageValue")];
}

function podsTarget(target: Target, path: string): FieldError[] {
  const findings = metricTarget(target, `${path}.target`);
  if (target.averageValue !== undefined && isPositive(target.averageValue)) return findings;
  return [...findings, required(`${path}.target.averageValue`, "must specify a positive target averageValue")];
}

function externalTarget(target: Target, path: string): FieldError[] {
  const findings = metricTarget(target, `${path}.target`);
  const at = `${path}.target`;
  if (target.value === undefined && target.averageValue === undefined) {
    findings.push(required(`${at}.averageValue`, "must set either a target value for metric or a per-pod target"));
  } else if (target.value !== undefined && target.averageValue !== undefined) {
    findings.push(forbidden(`${at}.value`, "may not set both a target value for metric and a per-pod target"));
  }
  return findings;
}

function resourceSource(
  { name, target }: { readonly name: string; readonly target: Target },
  path: string,
): FieldError[] {
  const findings = name ? [] : [required(`${path}.name`, "must specify a resource name")];
  findings.push(...metricTarget(target, `${path}.target`));
  const both = target.averageUtilization !== undefined && target.averageValue !== undefined;
  if (both) {
    findings.push(
      forbidden(`${path}.target.averageValue`, "may not set both a target raw value and a target utilization"),
    );
  } else if (target.averageUtilization === undefined && target.averageValue === undefined) {
    findings.push(
      required(`${path}.target.averageUtilization`, "must set either a target raw value or a target utilization"),
    );
  }
  return findings;
}

function metricTarget({ type, value, averageValue, averageUtilization }: Target, path: string): FieldError[] {
  const findings: FieldError[] = [];
  if (!type) findings.push(required(`${path}.type`, "must specify a metric target type"));
  if (type !== "Utilization" && type !== "Value" && type !== "AverageValue") {
    findings.push(bad(`${path}.type`, type ?? "", "must be either Utilization, Value, or AverageValue"));
  }
  if (value !== undefined && !isPositive(value)) findings.push(bad(`${path}.value`, value, "must be positive"));
  if (averageValue !== undefined && !isPositive(averageValue)) {
    findings.push(bad(`${path}.averageValue`, averageValue, "must be positive"));
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    findings.push(bad(`${path}.averageUtilization`, averageUtilization, "must be greater than 0"));
  }
  return findings;
}

/** Texts are canonical quantities here: decoding has seen to it. */
function isPositive(quantity: string): boolean {
  return parseQuantity(quantity).nano > 0n;
}

const longestWindow = 3600;
const longestPeriod = 1800;

function scalingRules(rules: DeepReadonly<HPAScalingRules> | undefined, path: string): FieldError[] {
  if (rules === undefined) return [];
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules;
  const findings: FieldError[] = [];
  if (window !== undefined && window < 0) {
    findings.push(bad(`${path}.stabilizationWindowSeconds`, window, "must be greater than or equal to zero"));
  }
  if (window !== undefined && window > longestWindow) {
    findings.push(bad(`${path}.stabilizationWindowSeconds`, window, `must be less than or equal to ${longestWindow}`));
  }
  if (tolerance !== undefined && parseQuantity(tolerance).nano < 0n)
    findings.push(bad(`${path}.tolerance`, tolerance, "must be greater than or equal to 0"));
  findings.push(...oneOf(`${path}.selectPolicy`, selectPolicy, ["Max", "Min", "Disabled"]));
  if (policies.length === 0) findings.push(required(`${path}.policies`, "must specify at least one Policy"));
  for (const [index, { type, value, periodSeconds }] of policies.entries()) {
    const at = `${path}.policies[${index}]`;
    findings.push(...oneOf(`${at}.type`, type, ["Pods", "Percent"]));
    if (value <= 0) findings.push(bad(`${at}.value`, value, "must be greater than zero"));
    if (periodSeconds <= 0) findings.push(bad(`${at}.periodSeconds`, periodSeconds, "must be greater than zero"));
    if (periodSeconds > longestPeriod) {
      findings.push(bad(`${at}.periodSeconds`, periodSeconds, `must be less than or equal to ${longestPeriod}`));
    }
  }
  return findings;
}
