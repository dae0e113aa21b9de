import { podNameWarnings, podTemplateWarnings } from "../core/pod-warnings.ts";
import type { PodTemplateSpec } from "../generated/types/core-v1.ts";
import { dnsLabel } from "../machinery/names.ts";
import type { DeepReadonly, ObjectMeta } from "../machinery/object.ts";

type Workload = DeepReadonly<{ metadata?: ObjectMeta; spec?: { template?: PodTemplateSpec } }>;

/** Of the pods that a workload makes, when it is new or what it wants has changed. */
export function templateWarnings({ metadata, spec }: Workload, old: Workload | undefined): readonly string[] {
  if (old !== undefined && metadata?.generation === old.metadata?.generation) return [];
  return podTemplateWarnings(spec?.template, "spec.template");
}

/** The same, and of a new one's name, which its pods get. */
export function workloadWarnings(workload: Workload, old: Workload | undefined): readonly string[] {
  const ofName = old === undefined ? podNameWarnings(dnsLabel(workload.metadata?.name ?? "")) : [];
  return [...ofName, ...templateWarnings(workload, old)];
}
