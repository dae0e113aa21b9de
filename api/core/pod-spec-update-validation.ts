/** What of a pod's spec may be updated: next to nothing. */
import type {
  Affinity,
  Container,
  NodeAffinity,
  NodeSelectorTerm,
  PodSpec,
  Toleration,
} from "../generated/types/core-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, between, forbidden } from "../machinery/findings.ts";
import { getOwn } from "../machinery/members.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { unifiedDiff } from "./unified-diff.ts";

type Spec = DeepReadonly<PodSpec>;

/** In upstream's words: clients show this message. */
const updatable = [
  "`spec.containers[*].image`",
  "`spec.initContainers[*].image`",
  "`spec.activeDeadlineSeconds`",
  "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
].join(",");

export function validateSpecUpdate(spec: Spec, old: Spec): FieldError[] {
  for (const list of ["containers", "initContainers"] as const)
    if ((spec[list] ?? []).length !== (old[list] ?? []).length)
      return [forbidden(`spec.${list}`, "pod updates may not add or remove containers")];
  const { findings, isFinal } = deadline(spec, old);
  if (isFinal) return findings;
  findings.push(...tolerations(spec, old), ...schedulingGates(spec, old));
  if (semanticEqual(spec, old)) return findings;
  let compared = ignoringUpdatable(spec, old);
  if ((old.schedulingGates ?? []).length > 0) {
    findings.push(...selectorAdditions(spec, old), ...affinityAdditions(spec, old));
    compared = ignoringSteering(compared, old);
  }
  if (semanticEqual(compared, old)) return findings;
  const detail = `pod updates may not change fields other than ${updatable}\n${unifiedDiff(old, compared)}`;
  return [...findings, forbidden("spec", detail)];
}

const longestDeadline = 2_147_483_647;

/** It may be set, or come nearer. */
function deadline(
  { activeDeadlineSeconds: value }: Spec,
  { activeDeadlineSeconds: old }: Spec,
): { readonly findings: FieldError[]; readonly isFinal: boolean } {
  const field = "spec.activeDeadlineSeconds";
  if (value === undefined) {
    const why = "must not update from a positive integer to nil value";
    return { findings: old === undefined ? [] : [bad(field, null, why)], isFinal: false };
  }
  const outside = between(field, value, 0, longestDeadline);
  if (outside.length > 0) return { findings: outside, isFinal: true };
  const isLater = old !== undefined && old < value;
  const findings = isLater ? [bad(field, value, "must be less than or equal to previous value")] : [];
  return { findings, isFinal: isLater };
}

function tolerations(spec: Spec, old: Spec): FieldError[] {
  // Seconds may shrink or grow on a toleration that stays.
  const isSame = (one: DeepReadonly<Toleration>, other: DeepReadonly<Toleration>): boolean =>
    semanticEqual({ ...one, tolerationSeconds: undefined }, { ...other, tolerationSeconds: undefined });
  const isKept = (old.tolerations ?? []).every((one) => (spec.tolerations ?? []).some((other) => isSame(one, other)));
  const why = "existing toleration can not be modified except its tolerationSeconds";
  return isKept ? [] : [forbidden("spec.tolerations", why)];
}

function schedulingGates(spec: Spec, old: Spec): FieldError[] {
  const before = new Set((old.schedulingGates ?? []).map(({ name }) => name));
  return (spec.schedulingGates ?? []).flatMap(({ name }, index) => {
    if (before.has(name)) return [];
    const why = `only deletion is allowed, but found new scheduling gate '${name}'`;
    return [forbidden(`spec.schedulingGates[${index}].name`, why)];
  });
}

function ignoringUpdatable(spec: Spec, old: Spec): Spec {
  const withOldImages = (list: "containers" | "initContainers"): DeepReadonly<Container>[] =>
    (spec[list] ?? []).map((container, index) => ({ ...container, image: old[list]?.[index]?.image ?? "" }));
  const { activeDeadlineSeconds: _deadline, tolerations: _tolerations, schedulingGates: _gates, ...rest } = spec;
  const { activeDeadlineSeconds, tolerations: oldTolerations, schedulingGates: oldGates } = old;
  const grace = old.terminationGracePeriodSeconds;
  const isHurried = grace !== undefined && grace < 0 && spec.terminationGracePeriodSeconds === 1;
  const { initContainers: _init, ...others } = rest;
  return {
    ...others,
    ...(activeDeadlineSeconds === undefined ? {} : { activeDeadlineSeconds }),
    ...(oldTolerations === undefined ? {} : { tolerations: oldTolerations }),
    ...(oldGates === undefined ? {} : { schedulingGates: oldGates }),
    ...(isHurried ? { terminationGracePeriodSeconds: grace } : {}),
    ...(spec.initContainers === undefined ? {} : { initContainers: withOldImages("initContainers") }),
    containers: withOldImages("containers"),
  };
}

/** While a pod is gated (KEP-3838), where it may run can still be narrowed down. */
function ignoringSteering(spec: Spec, old: Spec): Spec {
  const { nodeSelector: _selector, affinity, ...rest } = spec;
  const { nodeAffinity: _affinity, ...others } = affinity ?? {};
  const { nodeAffinity } = old.affinity ?? {};
  const kept: DeepReadonly<Affinity> = { ...others, ...(nodeAffinity === undefined ? {} : { nodeAffinity }) };
  return {
    ...rest,
    ...(old.nodeSelector === undefined ? {} : { nodeSelector: old.nodeSelector }),
    ...(Object.keys(kept).length === 0 && old.affinity === undefined ? {} : { affinity: kept }),
  };
}

function selectorAdditions({ nodeSelector = {} }: Spec, { nodeSelector: old = {} }: Spec): FieldError[] {
  const isKept = Object.entries(old).every(([key, value]) => getOwn(nodeSelector, key) === value);
  const why = "only additions to spec.nodeSelector are allowed (no mutations or deletions)";
  return isKept ? [] : [bad("spec.nodeSelector", nodeSelector, why)];
}

function termsOf(affinity: DeepReadonly<NodeAffinity> | undefined): readonly DeepReadonly<NodeSelectorTerm>[] {
  return affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
}

/** Terms are alternatives, so none may join; expressions of one term only narrow it down. */
function affinityAdditions(spec: Spec, old: Spec): FieldError[] {
  const path = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
  const before = termsOf(old.affinity?.nodeAffinity);
  const now = termsOf(spec.affinity?.nodeAffinity);
  if (before.length === 0) return [];
  if (before.length !== now.length)
    return [bad(path, now, "no additions/deletions to non-empty NodeSelectorTerms list are allowed")];
  return now.flatMap((term, index) =>
    onlyNarrows(term, before[index] ?? {})
      ? []
      : [bad(`${path}[${index}]`, term, "only additions are allowed (no mutations or deletions)")],
  );
}

function onlyNarrows(term: DeepReadonly<NodeSelectorTerm>, old: DeepReadonly<NodeSelectorTerm>): boolean {
  const lists = ["matchExpressions", "matchFields"] as const;
  // An empty term selects nothing: anything in it would let more in.
  if (lists.every((list) => (old[list] ?? []).length === 0))
    return lists.every((list) => (term[list] ?? []).length === 0);
  return lists.every((list) => {
    const before = old[list] ?? [];
    return semanticEqual((term[list] ?? []).slice(0, before.length), before);
  });
}
