import type { ClusterRoleBinding } from "../generated/types/rbac-v1.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { roleRefUnchanged, subjectCells, validateRoleRef, validateSubjects } from "./role-binding-rules.ts";

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
  table: {
    columns: [
      nameColumn,
      { name: "Role", type: "string", description: "The role whose permissions it grants." },
      ageColumn,
      { name: "Users", type: "string", priority: 1, description: "Users who get them." },
      { name: "Groups", type: "string", priority: 1, description: "Groups that get them." },
      { name: "ServiceAccounts", type: "string", priority: 1, description: "Service accounts that get them." },
    ],
    cells: ({ metadata, roleRef, subjects }, { now }) => [
      metadata?.name ?? "",
      `${roleRef.kind}/${roleRef.name}`,
      age(metadata?.creationTimestamp, now),
      ...subjectCells(subjects ?? []),
    ],
  },
});
