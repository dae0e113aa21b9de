import type { ClusterRole } from "../generated/types/rbac-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { required } from "../machinery/findings.ts";
import { validateLabelSelector } from "../machinery/label-validation.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validatePolicyRules } from "./policy-rules.ts";

export const clusterRoles: ResourceRow = defineResource<ClusterRole>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRole",
  plural: "clusterroles",
  scope: "Cluster",
  definition: "io.k8s.api.rbac.v1.ClusterRole",
  storageVersionHash: "bYE5ZWDrJ44=",
  createOnUpdate: true,
  unconditionalUpdate: true,
  nameRule: "pathSegment",
  validate: ({ rules, aggregationRule }) => [
    ...validatePolicyRules(rules ?? [], { namespaced: false }),
    ...validateAggregation(aggregationRule),
  ],
});

function validateAggregation(rule: DeepReadonly<ClusterRole["aggregationRule"]>): FieldError[] {
  if (!rule) return [];
  const path = "aggregationRule.clusterRoleSelectors";
  const selectors = rule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) {
    return [required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil")];
  }
  return selectors.flatMap((selector, index) => validateLabelSelector(selector, `${path}[${index}]`));
}
