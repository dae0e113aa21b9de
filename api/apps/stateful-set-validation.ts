import { matchesSelector, runsForEver, validateSelector } from "../core/pod-template-rules.ts";
import { validatePodTemplate } from "../core/pod-validation.ts";
import type { StatefulSetSpec, StatefulSetUpdateStrategy } from "../generated/types/apps-v1.ts";
import type { PodTemplateSpec } from "../generated/types/core-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, nonNegative, required, unsupported } from "../machinery/findings.ts";
import { atMostAll, isZero, validateIntOrPercent } from "../machinery/int-or-percent.ts";
import type { DeepReadonly } from "../machinery/object.ts";

type Spec = DeepReadonly<StatefulSetSpec>;

export function validateStatefulSetSpec(spec: Spec | undefined): FieldError[] {
  if (spec === undefined) return [];
  return [
    ...podManagement(spec.podManagementPolicy ?? "", "spec.podManagementPolicy"),
    ...updateStrategy(spec.updateStrategy ?? {}, "spec.updateStrategy"),
    ...claimRetention(spec),
    ...nonNegative("spec.replicas", spec.replicas),
    ...nonNegative("spec.minReadySeconds", spec.minReadySeconds),
    ...nonNegative("spec.ordinals.start", spec.ordinals?.start),
    ...validateSelector(spec.selector, "spec.selector", "statefulset"),
    ...matchesSelector(spec.selector, spec.template, "spec.template"),
    ...validatePodTemplate(withClaims(spec), "spec.template"),
    ...runsForEver(spec.template, "spec.template", "StatefulSet"),
  ];
}

/** The template as its pods will be: a claim template is a volume too, and wins over one of the same name. */
function withClaims({ template, volumeClaimTemplates = [] }: Spec): DeepReadonly<PodTemplateSpec> {
  if (template?.spec === undefined || volumeClaimTemplates.length === 0) return template ?? {};
  const claims = volumeClaimTemplates.map(({ metadata }) => metadata?.name ?? "");
  const others = (template.spec.volumes ?? []).filter(({ name }) => !claims.includes(name));
  const volumes = claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  return { ...template, spec: { ...template.spec, volumes: [...others, ...volumes] } };
}

function podManagement(policy: string, path: string): FieldError[] {
  if (policy === "") return [required(path)];
  if (policy === "OrderedReady" || policy === "Parallel") return [];
  return [bad(path, policy, "must be 'OrderedReady' or 'Parallel'")];
}

function updateStrategy(strategy: DeepReadonly<StatefulSetUpdateStrategy>, path: string): FieldError[] {
  const { type = "", rollingUpdate } = strategy;
  const at = `${path}.rollingUpdate`;
  if (type === "") return [required(path)];
  if (type === "OnDelete") {
    return rollingUpdate === undefined
      ? []
      : [bad(at, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")];
  }
  if (type !== "RollingUpdate") return [bad(path, strategy, "must be 'RollingUpdate' or 'OnDelete'")];
  const findings = nonNegative(`${at}.partition`, rollingUpdate?.partition);
  const unavailable = rollingUpdate?.maxUnavailable;
  if (unavailable === undefined) return findings;
  findings.push(...validateIntOrPercent(unavailable, `${at}.maxUnavailable`));
  if (isZero(unavailable)) findings.push(bad(`${at}.maxUnavailable`, unavailable, "cannot be 0"));
  return [...findings, ...atMostAll(unavailable, `${at}.maxUnavailable`)];
}

function claimRetention({ persistentVolumeClaimRetentionPolicy: policy }: Spec): FieldError[] {
  if (policy === undefined) return [];
  return (["whenDeleted", "whenScaled"] as const).flatMap((when) => {
    const value = policy[when] ?? "";
    if (value === "Retain" || value === "Delete") return [];
    return [unsupported(`spec.persistentVolumeClaimRetentionPolicy.${when}`, value, ["Delete", "Retain"])];
  });
}

const changeable = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
] as const;

/** Identity and storage of its pods stay as they were made. */
export function validateStatefulSetUpdate(spec: Partial<Spec>, old: Partial<Spec>): FieldError[] {
  if (semanticEqual(fixedPart(spec), fixedPart(old))) return [];
  const names = changeable.map((name) => `'${name}'`);
  const listed = `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  return [forbidden("spec", `updates to statefulset spec for fields other than ${listed} are forbidden`)];
}

function fixedPart(spec: Partial<Spec>): object {
  return Object.fromEntries(Object.entries(spec).filter(([name]) => !changeable.some((free) => free === name)));
}
