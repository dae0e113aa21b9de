import type { Container, Pod, PodAffinityTerm, PodSpec } from "../generated/types/core-v1.ts";
import type { LabelSelector, LabelSelectorRequirement } from "../generated/types/meta-v1.ts";
import { deepClone } from "../machinery/clone.ts";
import { semanticEqual } from "../machinery/equal.ts";
import { getOwn } from "../machinery/members.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import type { WriteContext } from "../resource.ts";
import { qosClass } from "./pod-qos.ts";
import { appArmorPrefix, profileOfAnnotation } from "./security-profile-validation.ts";

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
  profilesOfAnnotations(spec, pod.metadata?.annotations ?? {});
}

/** AppArmor was configured by annotations once: they become fields, where those say nothing. */
function profilesOfAnnotations(spec: PodSpec, annotations: Readonly<Record<string, string>>): void {
  if (spec.os?.name === "windows") return;
  const ofPod = spec.securityContext?.appArmorProfile;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    const annotation = getOwn(annotations, `${appArmorPrefix}${container.name}`);
    if (annotation === undefined || container.securityContext?.appArmorProfile !== undefined) continue;
    const profile = profileOfAnnotation(annotation);
    if (profile !== undefined && !semanticEqual(profile, ofPod))
      container.securityContext = { ...container.securityContext, appArmorProfile: profile };
  }
}

export function prepareChangedPod(pod: Pod, old: DeepReadonly<Pod>, { subresource }: WriteContext): void {
  if (subresource === "status") keepObservations(pod, old);
  if (subresource === "ephemeralcontainers") onlyEphemeralContainers(pod, old);
  if (subresource === "resize") onlyResources(pod, old);
}

/** A node that does not know of these fields must not wipe them. */
function keepObservations(pod: Pod, old: DeepReadonly<Pod>): void {
  const before = old.status ?? {};
  const status = (pod.status ??= {});
  if (!status.qosClass && before.qosClass !== undefined) status.qosClass = before.qosClass;
  if (!status.observedGeneration && before.observedGeneration !== undefined)
    status.observedGeneration = before.observedGeneration;
  // There may be several conditions of a type.
  const known = new Map<string, (number | undefined)[]>();
  for (const { type, observedGeneration } of before.conditions ?? [])
    known.set(type, [...(known.get(type) ?? []), observedGeneration]);
  for (const condition of status.conditions ?? []) {
    const generation = known.get(condition.type)?.shift();
    if (!condition.observedGeneration && generation !== undefined) condition.observedGeneration = generation;
  }
}

function onlyEphemeralContainers(pod: Pod, old: DeepReadonly<Pod>): void {
  const given = pod.spec?.ephemeralContainers;
  const { ephemeralContainers: _before, ...kept }: PodSpec = deepClone(old.spec ?? { containers: [] });
  pod.spec = { ...kept, ...(given === undefined ? {} : { ephemeralContainers: given }) };
  keepTheRest(pod, old);
}

/** The resize endpoint (KEP-1287) changes resources and resizePolicy of containers that are already there. */
function onlyResources(pod: Pod, old: DeepReadonly<Pod>): void {
  const given = pod.spec ?? { containers: [] };
  const { resources: _resources, ...kept }: PodSpec = deepClone(old.spec ?? { containers: [] });
  const [containers, initContainers] = [given.containers ?? [], given.initContainers ?? []];
  // Validation refuses what is not a resize at all. Null once decoded from nothing: `containers` is always written.
  const before = kept.containers ?? [];
  if (containers.length !== before.length || initContainers.length !== (kept.initContainers ?? []).length) return;
  pod.spec = {
    ...kept,
    containers: resized(before, containers),
    ...(kept.initContainers === undefined ? {} : { initContainers: resized(kept.initContainers, initContainers) }),
    ...(given.resources === undefined ? {} : { resources: given.resources }),
  };
  keepTheRest(pod, old);
}

function resized(kept: readonly Container[], given: Container[]): Container[] {
  if (kept.some(({ name }, index) => given[index]?.name !== name)) return given;
  return kept.map((container, index) => {
    const { resources: _resources, resizePolicy: _policy, ...others } = container;
    const { resources, resizePolicy } = given[index] ?? {};
    return {
      ...others,
      ...(resources === undefined ? {} : { resources }),
      ...(resizePolicy === undefined ? {} : { resizePolicy }),
    };
  });
}

/** Narrow endpoints leave the status and what others say in the metadata alone. */
function keepTheRest(pod: Pod, old: DeepReadonly<Pod>): void {
  const { status, metadata = {} } = deepClone<Pod>(old);
  if (status === undefined) delete pod.status;
  else pod.status = status;
  const { labels, annotations, finalizers, ownerReferences } = metadata;
  const { labels: _l, annotations: _a, finalizers: _f, ownerReferences: _o, ...others } = pod.metadata ?? {};
  pod.metadata = {
    ...others,
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(finalizers === undefined ? {} : { finalizers }),
    ...(ownerReferences === undefined ? {} : { ownerReferences }),
  };
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
