import type { SubjectAccessReviewSpec } from "../generated/types/authorization-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, required } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";

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
  return (["fieldSelector", "labelSelector"] as const).flatMap((name) =>
    validateSelector(resourceAttributes?.[name], `spec.resourceAttributes.${name}`),
  );
}

interface SelectorAttributes {
  readonly rawSelector?: string;
  readonly requirements?: readonly object[] | null;
}

/** As text or in parts; what a request selects may decide whether it is allowed. */
function validateSelector(selector: SelectorAttributes | undefined, path: string): FieldError[] {
  if (selector === undefined) return [];
  const { rawSelector = "" } = selector;
  const parts = selector.requirements?.length ?? 0;
  if (rawSelector !== "" && parts > 0)
    return [bad(`${path}.rawSelector`, rawSelector, "may not specified at the same time as requirements")];
  if (rawSelector !== "" || parts > 0) return [];
  return [required(`${path}.requirements`, `when ${path} is specified, requirements or rawSelector is required`)];
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
