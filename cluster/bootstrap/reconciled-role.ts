import type { ClusterRole } from "../../api/generated/types/rbac-v1.ts";
import { deepClone } from "../../api/machinery/clone.ts";
import { semanticEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly, ObjectMeta } from "../../api/machinery/object.ts";
import { uncovered } from "../../auth/authz/rbac/coverage.ts";

type Metadata = DeepReadonly<ObjectMeta>;
type Selectors = NonNullable<NonNullable<DeepReadonly<ClusterRole>["aggregationRule"]>["clusterRoleSelectors"]>;

/** A Role is one without an aggregation rule. */
type AnyRole = DeepReadonly<ClusterRole>;

/** Whose owner has said that he looks after it himself. */
export function isProtected(metadata: Metadata | undefined): boolean {
  return metadata?.annotations?.["rbac.authorization.kubernetes.io/autoupdate"] === "false";
}

/**
 * What an existing role has to become to grant all that is expected of it; undefined when it does. What its users have
 * added stays.
 */
export function reconciledRole(existing: AnyRole, expected: AnyRole): ClusterRole | undefined {
  if (isProtected(existing.metadata)) return undefined;
  const rules = existing.rules ?? [];
  const missing = semanticEqual(rules, expected.rules) ? [] : uncovered(rules, expected.rules ?? []);
  const { aggregationRule, ...rest } = existing;
  const selectors = reconciledSelectors(aggregationRule?.clusterRoleSelectors, expected);
  const reconciled = deepClone<ClusterRole>({
    ...rest,
    metadata: mergedMetadata(existing.metadata, expected.metadata),
    rules: [...rules, ...missing],
    ...(selectors === undefined ? {} : { aggregationRule: { clusterRoleSelectors: selectors } }),
  });
  return semanticEqual(reconciled, existing) ? undefined : reconciled;
}

/** A role that is not expected to be aggregated is made no such. */
function reconciledSelectors(existing: Selectors = [], { aggregationRule }: AnyRole): Selectors | undefined {
  if (aggregationRule === undefined) return undefined;
  const expected = aggregationRule.clusterRoleSelectors ?? [];
  return [...existing, ...expected.filter((wanted) => !existing.some((one) => semanticEqual(one, wanted)))];
}

/** What the users have set of labels and annotations wins. */
export function mergedMetadata(existing: Metadata = {}, expected: Metadata = {}): Metadata {
  return {
    ...existing,
    labels: { ...expected.labels, ...existing.labels },
    annotations: { ...expected.annotations, ...existing.annotations },
  };
}
