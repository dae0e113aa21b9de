import type { DeepReadonly } from "../machinery/object.ts";
import { lenientSelectorOf } from "../machinery/label-selector.ts";
import { matches } from "../machinery/labels.ts";
import type { FieldError } from "../machinery/status.ts";
import { labelKey, labelValue } from "../machinery/names.ts";
import type { LabelSelector } from "../generated/types/meta-v1.ts";
import { bad, forbidden, labels, named, required } from "./findings.ts";

export function validateLabelSelector(selector: DeepReadonly<LabelSelector> | undefined, path: string): FieldError[] {
  if (selector === undefined) return [];
  const findings = labels(`${path}.matchLabels`, selector.matchLabels);
  for (const [index, { key, operator, values = [] }] of (selector.matchExpressions ?? []).entries()) {
    const at = `${path}.matchExpressions[${index}]`;
    if (operator === "In" || operator === "NotIn") {
      if (values.length === 0)
        findings.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (operator === "Exists" || operator === "DoesNotExist") {
      if (values.length > 0)
        findings.push(forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    } else {
      findings.push(bad(`${at}.operator`, operator, "not a valid selector operator"));
    }
    findings.push(...named(`${at}.key`, key, labelKey(key)));
    for (const [valueIndex, value] of values.entries())
      findings.push(...named(`${at}.values[${valueIndex}]`, value, labelValue(value)));
  }
  return findings;
}

/** Whether a selector would select everything: workloads must not have such a one. */
export function selectsEverything(selector: DeepReadonly<LabelSelector> | undefined): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions?.length ?? 0) === 0;
}

/** A selector that has findings of its own matches nothing. */
export function selectorMatches(selector: DeepReadonly<LabelSelector>, has: Readonly<Record<string, string>>): boolean {
  return matches(lenientSelectorOf(selector), has);
}
