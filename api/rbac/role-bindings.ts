import type { RoleBinding } from "../generated/types/rbac-v1.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { roleRefUnchanged, validateRoleRef, validateSubjects } from "./role-binding-rules.ts";
import { bindingTable } from "./role-binding-table.ts";

export const roleBindings: ResourceRow = defineResource<RoleBinding>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "RoleBinding",
  plural: "rolebindings",
  scope: "Namespaced",
  definition: "io.k8s.api.rbac.v1.RoleBinding",
  storageVersionHash: "eGsCzGH6b1g=",
  createOnUpdate: true,
  unconditionalUpdate: true,
  nameRule: "pathSegment",
  validate: ({ roleRef, subjects }) => [
    ...validateRoleRef(roleRef, ["Role", "ClusterRole"]),
    ...validateSubjects(subjects ?? [], { namespaced: true }),
  ],
  validateUpdate: ({ roleRef }, old) => roleRefUnchanged(roleRef, old.roleRef),
  table: bindingTable,
});
