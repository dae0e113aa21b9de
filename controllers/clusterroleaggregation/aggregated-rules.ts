import type { ClusterRole, PolicyRule } from "../../api/generated/types/rbac-v1.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import { lenientSelectorOf } from "../../api/machinery/label-selector.ts";
import { matches } from "../../api/machinery/labels.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

/**
 * The rules of all roles that a role is put together from: selector by selector, of each the roles by name, every rule
 * once. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
 */
export function aggregatedRules(
  { metadata, aggregationRule }: DeepReadonly<ClusterRole>,
  all: Iterable<DeepReadonly<ClusterRole>>,
): readonly DeepReadonly<PolicyRule>[] {
  const others = [...all].filter((role) => nameOf(role) !== metadata?.name);
  const sorted = others.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  const selectors = (aggregationRule?.clusterRoleSelectors ?? []).map(lenientSelectorOf);
  const rules = selectors.flatMap((selector) =>
    sorted.filter((role) => matches(selector, role.metadata?.labels ?? {})).flatMap((role) => role.rules ?? []),
  );
  return rules.filter((rule, index) => rules.findIndex((other) => deepEqual(other, rule)) === index);
}

function nameOf({ metadata }: DeepReadonly<ClusterRole>): string {
  return metadata?.name ?? "";
}
