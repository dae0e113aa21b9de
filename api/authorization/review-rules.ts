import type { SubjectAccessReviewSpec } from "../generated/types/authorization-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, named, required } from "../machinery/findings.ts";
import { labelKey, labelValue } from "../machinery/names.ts";
import type { DeepReadonly, ObjectMeta } from "../machinery/object.ts";

type Spec = DeepReadonly<SubjectAccessReviewSpec>;

/** A question is about a resource or about a plain path. */
export function validateAttributes({
  resourceAttributes,
  nonResourceAttributes,
}: Pick<Spec, "resourceAttributes" | "nonResourceAttributes">): FieldError[] {
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    const detail = "cannot be specified in combination with resourceAttributes";
    return [bad("spec.nonResourceAttributes", nonResourceAttributes, detail)];
  }
  if (resourceAttributes === undefined && nonResourceAttributes === undefined) {
    return [
      bad(
        "spec.resourceAttributes",
        null,
        "exactly one of nonResourceAttributes or resourceAttributes must be specified",
      ),
    ];
  }
  return [];
}

/** What a request selects may decide whether it is allowed. */
export function validateSelectors({ resourceAttributes }: Pick<Spec, "resourceAttributes">): FieldError[] {
  const { fieldSelector, labelSelector } = resourceAttributes ?? {};
  const path = "spec.resourceAttributes";
  return [
    ...validateSelector(fieldSelector, `${path}.fieldSelector`),
    ...(fieldSelector?.requirements ?? []).flatMap((requirement, index) => {
      const at = `${path}.fieldSelector.requirements[${index}]`;
      const key = requirement.key ? [] : [required(`${at}.key`, "must be specified")];
      return [...key, ...validateCount(requirement, at)];
    }),
    ...validateSelector(labelSelector, `${path}.labelSelector`),
    ...(labelSelector?.requirements ?? []).flatMap((requirement, index) => {
      const at = `${path}.labelSelector.requirements[${index}]`;
      return [
        ...validateCount(requirement, at),
        ...named(`${at}.key`, requirement.key, labelKey(requirement.key)),
        ...(requirement.values ?? []).flatMap((value, place) =>
          named(`${at}.values[${place}]`, value, labelValue(value)),
        ),
      ];
    }),
  ];
}

interface SelectorAttributes {
  readonly rawSelector?: string;
  readonly requirements?: readonly object[] | null;
}

/** As text or in parts. */
function validateSelector(selector: SelectorAttributes | undefined, path: string): FieldError[] {
  if (selector === undefined) return [];
  const { rawSelector = "" } = selector;
  const parts = selector.requirements?.length ?? 0;
  if (rawSelector !== "" && parts > 0)
    return [bad(`${path}.rawSelector`, rawSelector, "may not specified at the same time as requirements")];
  if (rawSelector !== "" || parts > 0) return [];
  return [required(`${path}.requirements`, `when ${path} is specified, requirements or rawSelector is required`)];
}

/** Operators of newer clients are let through: whoever does not know them decides as if they were not there. */
function validateCount(
  { operator, values }: { readonly operator: string; readonly values?: readonly string[] | null },
  path: string,
): FieldError[] {
  const count = (values ?? []).length;
  if ((operator === "In" || operator === "NotIn") && count === 0)
    return [required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
  if ((operator === "Exists" || operator === "DoesNotExist") && count > 0)
    return [forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
  return [];
}

/** A review has no place of its own, but for the namespace of a local one. */
export function validateMetadata(
  metadata: DeepReadonly<ObjectMeta> | undefined,
  of: { readonly local: boolean },
): FieldError[] {
  const { managedFields: _, namespace = "", ...rest } = metadata ?? {};
  const isEmpty = semanticEqual(rest, {}) && (of.local || namespace === "");
  return isEmpty ? [] : [bad("metadata", metadata, of.local ? "must be empty except for namespace" : "must be empty")];
}

export function validateSubject({ user, groups }: Spec): FieldError[] {
  if (user || (groups ?? []).length > 0) return [];
  return [bad("spec.user", user ?? "", "at least one of user or group must be specified")];
}

/** A local review stays in the namespace of its path. */
export function validateNamespace(
  { resourceAttributes, nonResourceAttributes }: Spec,
  namespace: string,
): FieldError[] {
  const findings: FieldError[] = [];
  if (resourceAttributes !== undefined && (resourceAttributes.namespace ?? "") !== namespace) {
    findings.push(
      bad("spec.resourceAttributes.namespace", resourceAttributes.namespace ?? "", "must match metadata.namespace"),
    );
  }
  if (nonResourceAttributes !== undefined) {
    findings.push(bad("spec.nonResourceAttributes", nonResourceAttributes, "disallowed on this kind of request"));
  }
  return findings;
}
