import type { LabelSelector } from "../generated/types/meta-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, named } from "../machinery/findings.ts";
import { labelKey } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";

interface LabelKeys {
  readonly labelSelector?: DeepReadonly<LabelSelector>;
  readonly matchLabelKeys?: readonly string[];
  readonly mismatchLabelKeys?: readonly string[];
}

/** Labels whose values a pod shares (or does not share) with those that are selected (KEP-3243, KEP-3633). */
export function validateLabelKeys(from: LabelKeys, path: string): FieldError[] {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = from;
  const findings = [
    ...keys(matchLabelKeys, labelSelector, `${path}.matchLabelKeys`),
    ...keys(mismatchLabelKeys, labelSelector, `${path}.mismatchLabelKeys`),
  ];
  if (labelSelector !== undefined) findings.push(...clashes(matchLabelKeys, labelSelector, path));
  for (const [index, key] of matchLabelKeys.entries())
    if (mismatchLabelKeys.includes(key))
      findings.push(
        bad(`${path}.matchLabelKeys[${index}]`, key, "exists in both matchLabelKeys and mismatchLabelKeys"),
      );
  return findings;
}

function keys(list: readonly string[], selector: DeepReadonly<LabelSelector> | undefined, field: string): FieldError[] {
  if (list.length === 0) return [];
  if (selector === undefined) return [forbidden(field, "must not be specified when labelSelector is not set")];
  return list.flatMap((key, index) => named(`${field}[${index}]`, key, labelKey(key)));
}

/** The selector already has what the keys have brought in: whatever comes twice was the writer's. */
function clashes(list: readonly string[], selector: DeepReadonly<LabelSelector>, path: string): FieldError[] {
  const seen = new Set(Object.keys(selector.matchLabels ?? {}));
  return (selector.matchExpressions ?? []).flatMap(({ key }) => {
    const index = list.lastIndexOf(key);
    const isTwice = index >= 0 && seen.has(key);
    seen.add(key);
    return isTwice ? [bad(`${path}[${index}]`, key, "exists in both matchLabelKeys and labelSelector")] : [];
  });
}
