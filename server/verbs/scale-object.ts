import { deepClone } from "../../api/machinery/clone.ts";
import { selectorOf, type LabelSelector } from "../../api/machinery/label-selector.ts";
import { formatSelector, selectorOfMap } from "../../api/machinery/labels.ts";
import type { DeepReadonly, JsonObject, KubeObject } from "../../api/machinery/object.ts";
import { invalid } from "../../api/machinery/field-error.ts";
import { at, type ScalePaths } from "../../api/resource.ts";
import { resetPaths } from "../strategy/reset.ts";

/** `autoscaling/v1`: one face for all kinds that have replicas. */
export interface Scale extends KubeObject {
  spec?: { replicas?: number };
  status: { replicas: number; selector?: string };
}

export function scaleOf(object: DeepReadonly<KubeObject>, paths: ScalePaths): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata ?? {};
  const selector = selectorText(object, paths);
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: { replicas: numberAt(object, paths.specReplicas) },
    status: { replicas: numberAt(object, paths.statusReplicas), ...(selector === "" ? {} : { selector }) },
  };
}

/** Throws 422 for fewer than none. */
export function checkReplicas(scale: Scale): void {
  const replicas = scale.spec?.replicas ?? 0;
  if (replicas >= 0) return;
  const finding = {
    type: "Invalid",
    field: "spec.replicas",
    value: replicas,
    detail: "must be greater than or equal to 0",
  } as const;
  throw invalid({ group: "autoscaling", kind: "Scale" }, scale.metadata?.name ?? "", [finding]);
}

/** The object with the scale's replica count; the scale's resourceVersion and uid are the caller's preconditions. */
export function scaled(current: DeepReadonly<KubeObject>, scale: Scale, paths: ScalePaths): KubeObject {
  const object = deepClone<KubeObject>(current);
  setReplicas(object, scale.spec?.replicas ?? 0, paths);
  object.metadata = {
    ...object.metadata,
    resourceVersion: scale.metadata?.resourceVersion || current.metadata?.resourceVersion || "",
  };
  if (scale.metadata?.uid !== undefined) object.metadata.uid = scale.metadata.uid;
  return object;
}

export function hasReplicas(object: DeepReadonly<KubeObject>, { specReplicas }: ScalePaths): boolean {
  return typeof at(object as never, withoutDot(specReplicas)) === "number";
}

export function setReplicas(object: KubeObject, replicas: number, paths: ScalePaths): void {
  const wanted: KubeObject = {};
  setNumber(wanted as JsonObject, paths.specReplicas, replicas);
  resetPaths(object, wanted, [withoutDot(paths.specReplicas)]);
}

function selectorText(object: DeepReadonly<KubeObject>, { selector }: ScalePaths): string {
  const value = selector === undefined ? undefined : at(object as never, withoutDot(selector));
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return "";
  const isSelector = "matchLabels" in value || "matchExpressions" in value;
  return formatSelector(
    isSelector ? selectorOf(value as LabelSelector) : selectorOfMap(value as Record<string, string>),
  );
}

function numberAt(object: DeepReadonly<KubeObject>, path: string): number {
  const value = at(object as never, withoutDot(path));
  return typeof value === "number" ? value : 0;
}

function setNumber(object: JsonObject, path: string, value: number): void {
  const names = withoutDot(path).split(".");
  const last = names.pop() ?? "";
  let parent = object;
  for (const name of names) parent = (parent[name] ??= {}) as JsonObject;
  parent[last] = value;
}

function withoutDot(path: string): string {
  return path.startsWith(".") ? path.slice(1) : path;
}
