import type { PodTemplateSpec } from "../generated/types/core-v1.ts";
import type { LabelSelector } from "../generated/types/meta-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, required, unsupported } from "../machinery/findings.ts";
import { isEmptySelector, selectorMatches } from "../machinery/label-selector.ts";
import { validateLabelSelector } from "../machinery/label-validation.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { validatePodTemplate } from "./pod-validation.ts";

export interface SelectsPods {
  /** Null once decoded from nothing: the field is a pointer that is always written. */
  readonly selector?: DeepReadonly<LabelSelector> | null;
  readonly template?: DeepReadonly<PodTemplateSpec>;
}

/** A workload must select something, and not everything. */
export function validateSelector(
  selector: DeepReadonly<LabelSelector> | null | undefined,
  path: string,
  workload: string,
): FieldError[] {
  if (!selector) return [required(path)];
  const findings = validateLabelSelector(selector, path);
  if (isEmptySelector(selector)) findings.push(bad(path, selector, `empty selector is invalid for ${workload}`));
  return findings;
}

/** Pods made from the template must be pods that the selector finds, and must run for ever. */
export function validateReplicaTemplate({ selector, template }: SelectsPods, path: string, kind: string): FieldError[] {
  return [
    ...matchesSelector(selector, template, path),
    ...validatePodTemplate(template ?? {}, path),
    ...runsForEver(template, path, kind),
  ];
}

export function matchesSelector(
  selector: SelectsPods["selector"],
  template: SelectsPods["template"],
  path: string,
): FieldError[] {
  const labels = template?.metadata?.labels;
  if (selector && (isEmptySelector(selector) || selectorMatches(selector, labels ?? {}))) return [];
  // A selector that cannot be read has a finding of its own.
  if (selector && validateLabelSelector(selector, "").length > 0) return [];
  return [bad(`${path}.metadata.labels`, labels ?? null, "`selector` does not match template `labels`")];
}

export function runsForEver(template: SelectsPods["template"], path: string, kind: string): FieldError[] {
  const { restartPolicy = "Always", activeDeadlineSeconds } = template?.spec ?? {};
  const findings: FieldError[] = [];
  if (restartPolicy !== "Always") findings.push(unsupported(`${path}.spec.restartPolicy`, restartPolicy, ["Always"]));
  if (activeDeadlineSeconds !== undefined) {
    const detail = `activeDeadlineSeconds in ${kind} is not Supported`;
    findings.push(forbidden(`${path}.spec.activeDeadlineSeconds`, detail));
  }
  return findings;
}
