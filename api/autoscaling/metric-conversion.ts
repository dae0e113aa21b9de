import type * as v2 from "../generated/types/autoscaling-v2.ts";
import type { LabelSelector } from "../generated/types/meta-v1.ts";
import { isObject } from "../machinery/members.ts";

/** A metric in the words of autoscaling/v1, which only annotations still speak. Written by clients: nothing is sure. */
type Old = Readonly<Record<string, unknown>>;

const kinds = ["resource", "containerResource", "pods", "object", "external"] as const;
type Kind = (typeof kinds)[number];

export function metricFromV1(old: Old): v2.MetricSpec {
  const metric: v2.MetricSpec = { type: text(old.type) };
  for (const kind of kinds) {
    const source = part(old[kind]);
    if (source !== undefined) Object.assign(metric, { [kind]: sourceFromV1(kind, source) });
  }
  return metric;
}

function sourceFromV1(kind: Kind, old: Old): NonNullable<v2.MetricSpec[Kind]> {
  switch (kind) {
    case "resource":
      return { name: text(old.name), target: resourceTarget(old) };
    case "containerResource":
      return { name: text(old.name), container: text(old.container), target: resourceTarget(old) };
    case "pods":
      return {
        metric: identifier(old, "selector"),
        target: { type: "AverageValue", ...quantity("averageValue", old.targetAverageValue) },
      };
    case "object":
      return {
        describedObject: reference(old.target),
        metric: identifier(old, "selector"),
        target: valueTarget(old.targetValue, old.averageValue),
      };
    case "external":
      return {
        metric: identifier(old, "metricSelector"),
        target: valueTarget(old.targetValue, old.targetAverageValue),
      };
  }
}

export function metricToV1({ type, resource, containerResource, pods, object, external }: v2.MetricSpec): Old {
  return {
    type,
    ...(resource && { resource: { name: resource.name, ...targetToV1(resource.target) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        container: containerResource.container,
        ...targetToV1(containerResource.target),
      },
    }),
    ...(pods && {
      pods: {
        metricName: pods.metric.name,
        targetAverageValue: pods.target.averageValue ?? "0",
        selector: pods.metric.selector,
      },
    }),
    ...(object && {
      object: {
        target: object.describedObject,
        metricName: object.metric.name,
        targetValue: object.target.value ?? "0",
        selector: object.metric.selector,
        averageValue: object.target.averageValue,
      },
    }),
    ...(external && {
      external: {
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        targetValue: external.target.value,
        targetAverageValue: external.target.averageValue,
      },
    }),
  };
}

export function statusFromV1(old: Old): v2.MetricStatus {
  const metric: v2.MetricStatus = { type: text(old.type) };
  for (const kind of kinds) {
    const source = part(old[kind]);
    if (source !== undefined) Object.assign(metric, { [kind]: currentFromV1(kind, source) });
  }
  return metric;
}

function currentFromV1(kind: Kind, old: Old): NonNullable<v2.MetricStatus[Kind]> {
  switch (kind) {
    case "resource":
      return { name: text(old.name), current: resourceCurrent(old) };
    case "containerResource":
      return { name: text(old.name), container: text(old.container), current: resourceCurrent(old) };
    case "pods":
      return { metric: identifier(old, "selector"), current: quantity("averageValue", old.currentAverageValue) };
    case "object":
      return {
        describedObject: reference(old.target),
        metric: identifier(old, "selector"),
        current: { ...quantity("value", old.currentValue), ...quantity("averageValue", old.averageValue) },
      };
    case "external":
      return {
        metric: identifier(old, "metricSelector"),
        current: { ...quantity("value", old.currentValue), ...quantity("averageValue", old.currentAverageValue) },
      };
  }
}

export function statusToV1({ type, resource, containerResource, pods, object, external }: v2.MetricStatus): Old {
  return {
    type,
    ...(resource && { resource: { name: resource.name, ...currentToV1(resource.current) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        container: containerResource.container,
        ...currentToV1(containerResource.current),
      },
    }),
    ...(pods && {
      pods: {
        metricName: pods.metric.name,
        currentAverageValue: pods.current.averageValue ?? "0",
        selector: pods.metric.selector,
      },
    }),
    ...(object && {
      object: {
        target: object.describedObject,
        metricName: object.metric.name,
        currentValue: object.current.value ?? "0",
        selector: object.metric.selector,
        averageValue: object.current.averageValue,
      },
    }),
    ...(external && {
      external: {
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        currentValue: external.current.value ?? "0",
        currentAverageValue: external.current.averageValue,
      },
    }),
  };
}

function targetToV1({ averageUtilization, averageValue }: v2.MetricTarget): Old {
  return { targetAverageUtilization: averageUtilization, targetAverageValue: averageValue };
}

function currentToV1({ averageUtilization, averageValue }: v2.MetricValueStatus): Old {
  return { currentAverageUtilization: averageUtilization, currentAverageValue: averageValue ?? "0" };
}

function resourceTarget(old: Old): v2.MetricTarget {
  const type = old.targetAverageValue === undefined ? "Utilization" : "AverageValue";
  return { type, ...quantity("averageValue", old.targetAverageValue), ...share(old.targetAverageUtilization) };
}

function resourceCurrent(old: Old): v2.MetricValueStatus {
  return { ...quantity("averageValue", old.currentAverageValue), ...share(old.currentAverageUtilization) };
}

/** v1 writes a value of "0" where v2 has none. */
function valueTarget(value: unknown, average: unknown): v2.MetricTarget {
  if (average === undefined) return { type: "Value", ...quantity("value", value) };
  return {
    type: "AverageValue",
    ...(value === "0" ? {} : quantity("value", value)),
    ...quantity("averageValue", average),
  };
}

function quantity<Name extends string>(name: Name, value: unknown): { [K in Name]?: string } {
  const shown = typeof value === "number" ? String(value) : value;
  // A computed key loses its name for the compiler.
  return typeof shown === "string" ? ({ [name]: shown } as { [K in Name]?: string }) : {};
}

function share(value: unknown): { averageUtilization?: number } {
  return typeof value === "number" ? { averageUtilization: value } : {};
}

function identifier(old: Old, selectorName: string): v2.MetricIdentifier {
  const selector = part(old[selectorName]);
  return { name: text(old.metricName), ...(selector === undefined ? {} : { selector: selector as LabelSelector }) };
}

function reference(value: unknown): v2.CrossVersionObjectReference {
  const old = part(value) ?? {};
  const apiVersion = text(old.apiVersion);
  return { kind: text(old.kind), name: text(old.name), ...(apiVersion === "" ? {} : { apiVersion }) };
}

function part(value: unknown): Old | undefined {
  return isObject(value) ? value : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
