import type { ClusterRoleBinding } from "../generated/types/rbac-v1.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { roleRefUnchanged, validateRoleRef, validateSubjects } from "./role-binding-rules.ts";
import { bindingTable } from "./role-binding-table.ts";

export const clusterRoleBindings: ResourceRow = defineResource<ClusterRoleBinding>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRoleBinding",
  plural: "clusterrolebindings",
  scope: "Cluster",
  definition: "io.k8s.api.rbac.v1.ClusterRoleBinding",
  storageVersionHash: "48tpQ8gZHFc=",
  createOnUpdate: true,
  unconditionalUpdate: true,
  nameRule: "pathSegment",
  validate: ({ roleRef, subjects }) => [
    ...validateRoleRef(roleRef, ["ClusterRole"]),
    ...validateSubjects(subjects ?? [], { namespaced: false }),
  ],
  validateUpdate: ({ roleRef }, old) => roleRefUnchanged(roleRef, old.roleRef),
  table: bindingTable,
});
