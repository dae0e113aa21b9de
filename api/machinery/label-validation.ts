/** Rules for labels and label selectors wherever they stand in an object. */
import type { FieldError } from "./field-error.ts";
import { bad, forbidden, named, required } from "./findings.ts";
import type { LabelSelector } from "./label-selector.ts";
import type { Labels } from "./labels.ts";
import { labelKey, labelValue } from "./names.ts";
import type { DeepReadonly } from "./object.ts";

export function validateLabels(field: string, labels: Labels | null | undefined): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...named(field, key, labelKey(key)),
    ...named(field, value, labelValue(value)),
  ]);
}

export function validateLabelSelector(selector: DeepReadonly<LabelSelector> | undefined, path: string): FieldError[] {
  if (selector === undefined) return [];
  const findings = validateLabels(`${path}.matchLabels`, selector.matchLabels);
  for (const [index, { key, operator, ...rest }] of (selector.matchExpressions ?? []).entries()) {
    const values = rest.values ?? [];
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
