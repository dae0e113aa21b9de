import type { Pod, PodAffinityTerm, PodSpec } from "../generated/types/core-v1.ts";
import type { LabelSelector, LabelSelectorRequirement } from "../generated/types/meta-v1.ts";
import { deepClone } from "../machinery/clone.ts";
import { getOwn } from "../machinery/members.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import type { WriteContext } from "../resource.ts";
import { qosClass } from "./pod-qos.ts";

/** A new pod is pending, whatever its maker said of its status. */
export function prepareNewPod(pod: Pod): void {
  const spec = pod.spec;
  pod.status = { phase: "Pending" };
  if (spec === undefined) return;
  pod.status.qosClass = qosClass(spec);
  if ((spec.schedulingGates?.length ?? 0) > 0) {
    pod.status.conditions = [
      {
        type: "PodScheduled",
        status: "False",
        reason: "SchedulingGated",
        message: "Scheduling is blocked due to non-empty scheduling gates",
      },
    ];
  }
  mergeMatchLabelKeys(spec, pod.metadata?.labels ?? {});
}

export function prepareChangedPod(pod: Pod, old: DeepReadonly<Pod>, { subresource }: WriteContext): void {
  if (subresource === "ephemeralcontainers") keepAllBut(pod, old, "ephemeralContainers");
  if (subresource === "resize") onlyResources(pod, old);
}

function keepAllBut(pod: Pod, old: DeepReadonly<Pod>, field: "ephemeralContainers"): void {
  const given = pod.spec?.[field];
  const kept: Pod = deepClone(old);
  if (kept.spec !== undefined && given !== undefined) kept.spec[field] = given;
  pod.spec = kept.spec ?? { containers: [] };
}

/** The resize endpoint (KEP-1287) changes resources and resizePolicy of containers that are already there. */
function onlyResources(pod: Pod, old: DeepReadonly<Pod>): void {
  const kept: PodSpec = deepClone(old.spec ?? { containers: [] });
  for (const list of ["containers", "initContainers"] as const) {
    for (const container of kept[list] ?? []) {
      const given = pod.spec?.[list]?.find(({ name }) => name === container.name);
      if (given?.resources !== undefined) container.resources = given.resources;
      if (given?.resizePolicy !== undefined) container.resizePolicy = given.resizePolicy;
    }
  }
  if (pod.spec?.resources !== undefined) kept.resources = pod.spec.resources;
  pod.spec = kept;
}

/** matchLabelKeys (KEP-3243, KEP-3633): the pod's own values of those keys join the selector, once and for all. */
function mergeMatchLabelKeys(spec: PodSpec, labels: Readonly<Record<string, string>>): void {
  for (const constraint of spec.topologySpreadConstraints ?? []) {
    if (constraint.labelSelector !== undefined)
      requireLabels(constraint.labelSelector, constraint.matchLabelKeys, "In", labels);
  }
  for (const affinity of [spec.affinity?.podAffinity, spec.affinity?.podAntiAffinity]) {
    const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const terms: PodAffinityTerm[] = [
      ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...preferred.map(({ podAffinityTerm }) => podAffinityTerm),
    ];
    for (const { labelSelector, matchLabelKeys, mismatchLabelKeys } of terms) {
      if (labelSelector === undefined) continue;
      requireLabels(labelSelector, matchLabelKeys, "In", labels);
      requireLabels(labelSelector, mismatchLabelKeys, "NotIn", labels);
    }
  }
}

function requireLabels(
  selector: LabelSelector,
  keys: readonly string[] | undefined,
  operator: "In" | "NotIn",
  labels: Readonly<Record<string, string>>,
): void {
  for (const key of keys ?? []) {
    const value = getOwn(labels, key);
    if (value === undefined) continue;
    const requirement: LabelSelectorRequirement = { key, operator, values: [value] };
    selector.matchExpressions = [...(selector.matchExpressions ?? []), requirement];
  }
}
