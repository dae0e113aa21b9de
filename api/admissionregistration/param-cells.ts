import type { ParamKind, ParamRef } from "../generated/types/admissionregistration-v1.ts";
import type { LabelSelector, LabelSelectorRequirement } from "../generated/types/meta-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";

/** `v1/ConfigMap`: the kind of a policy's parameters. */
export function paramKindCell(kind: DeepReadonly<ParamKind> | undefined): string {
  return kind === undefined ? "<unset>" : `${kind.apiVersion ?? ""}/${kind.kind ?? ""}`;
}

/** Which parameters a binding chooses: `namespace/name`, `*` for the namespace of each request. */
export function paramRefCell(ref: DeepReadonly<ParamRef> | undefined): string {
  if (ref?.name) return `${ref.namespace || "*"}/${ref.name}`;
  return ref?.selector === undefined ? "<unset>" : selectorText(ref.selector);
}

/** Upstream prints the struct itself here. */
function selectorText({ matchLabels, matchExpressions }: DeepReadonly<LabelSelector>): string {
  const labels = Object.entries(matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const labelText = labels.map(([key, value]) => `${key}: ${value},`).join("");
  const expressionText = (matchExpressions ?? []).map((one) => `${requirementText(one)},`).join("");
  return `&LabelSelector{MatchLabels:map[string]string{${labelText}},MatchExpressions:[]LabelSelectorRequirement{${expressionText}},}`;
}

function requirementText({ key, operator, values }: DeepReadonly<LabelSelectorRequirement>): string {
  return `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${(values ?? []).join(" ")}],}`;
}
