import type { NamedRuleWithOperations } from "../../../api/generated/types/admissionregistration-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { AdmissionRequest } from "../plugin.ts";

/** A resource in one of the group-versions that serve it. */
export interface GroupVersionResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/**
 * Whether a rule of a webhook or a policy speaks of a request, were it made for `resource`.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules
 */
export function ruleMatches(
  rule: DeepReadonly<NamedRuleWithOperations>,
  request: AdmissionRequest,
  resource: GroupVersionResource,
): boolean {
  return (
    holds(rule.operations, request.operation) &&
    holds(rule.apiGroups, resource.group) &&
    holds(rule.apiVersions, resource.version) &&
    (rule.resources ?? []).some((pattern) => resourceMatches(pattern, resource.resource, request.subresource)) &&
    scopeMatches(rule.scope, request)
  );
}

function holds(values: readonly string[] | undefined, value: string): boolean {
  return values?.some((one) => one === "*" || one === value) === true;
}

// `pods`, `pods/log`, `pods/*` (the pods too), `*` (no subresources), `*/scale`, `*/*`.
function resourceMatches(pattern: string, resource: string, subresource: string): boolean {
  const slash = pattern.indexOf("/");
  const named = slash < 0 ? pattern : pattern.slice(0, slash);
  const part = slash < 0 ? "" : pattern.slice(slash + 1);
  return (named === "*" || named === resource) && (part === "*" || part === subresource);
}

function scopeMatches(scope: string | undefined, { kind }: AdmissionRequest): boolean {
  return scope === undefined || scope === "*" || scope === kind.row.scope;
}
