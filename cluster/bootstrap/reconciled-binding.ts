import type { ClusterRoleBinding } from "../../api/generated/types/rbac-v1.ts";
import { deepClone } from "../../api/machinery/clone.ts";
import { semanticEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { isProtected, mergedMetadata } from "./reconciled-role.ts";

type AnyBinding = DeepReadonly<ClusterRoleBinding>;

/**
 * What an existing binding has to become to bind all who are expected; undefined when it does. What its users have
 * added stays. A binding of another role has to be made anew.
 */
export function reconciledBinding(
  existing: AnyBinding,
  expected: AnyBinding,
): ClusterRoleBinding | "make anew" | undefined {
  if (isProtected(existing.metadata)) return undefined;
  if (!semanticEqual(existing.roleRef, expected.roleRef)) return "make anew";
  const subjects = existing.subjects ?? [];
  const missing = (expected.subjects ?? []).filter((wanted) => !subjects.some((one) => semanticEqual(one, wanted)));
  const reconciled = deepClone<ClusterRoleBinding>({
    ...existing,
    metadata: mergedMetadata(existing.metadata, expected.metadata),
    subjects: [...subjects, ...missing],
  });
  return semanticEqual(reconciled, existing) ? undefined : reconciled;
}
