import type { PolicyRule } from "../generated/types/rbac-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, required } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";

/** A rule is about resources or about plain URLs, never both; a namespace has no URLs of its own. */
export function validatePolicyRules(
  rules: readonly DeepReadonly<PolicyRule>[],
  of: { readonly namespaced: boolean },
): FieldError[] {
  return rules.flatMap((rule, index) => validatePolicyRule(rule, `rules[${index}]`, of.namespaced));
}

function validatePolicyRule(rule: DeepReadonly<PolicyRule>, path: string, namespaced: boolean): FieldError[] {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const findings = isEmpty(rule.verbs) ? [required(`${path}.verbs`, "verbs must contain at least one value")] : [];
  if (nonResourceURLs.length > 0) {
    const at = `${path}.nonResourceURLs`;
    if (namespaced) findings.push(bad(at, nonResourceURLs, "namespaced rules cannot apply to non-resource URLs"));
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      findings.push(bad(at, nonResourceURLs, "rules cannot apply to both regular resources and non-resource URLs"));
    }
    return findings;
  }
  if (apiGroups.length === 0) {
    findings.push(required(`${path}.apiGroups`, "resource rules must supply at least one api group"));
  }
  if (resources.length === 0) {
    findings.push(required(`${path}.resources`, "resource rules must supply at least one resource"));
  }
  return findings;
}

/** A required list that was left out is null once decoded. */
function isEmpty(list: readonly string[] | null | undefined): boolean {
  return (list ?? []).length === 0;
}
