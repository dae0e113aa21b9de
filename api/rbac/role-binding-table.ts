import type { ClusterRoleBinding, RoleBinding, Subject } from "../generated/types/rbac-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import type { TableDefinition } from "../resource.ts";

/** Bindings look the same in a namespace and in the cluster. */
export const bindingTable: TableDefinition<RoleBinding | ClusterRoleBinding> = {
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
};

/** Who is bound, for `-o wide`. */
function subjectCells(
  subjects: readonly DeepReadonly<Subject>[],
): [users: string, groups: string, serviceAccounts: string] {
  const names = (wanted: string): string =>
    subjects
      .filter(({ kind }) => kind === wanted)
      .map(subjectName)
      .join(", ");
  return [names("User"), names("Group"), names("ServiceAccount")];
}

function subjectName({ kind, name, namespace }: DeepReadonly<Subject>): string {
  return kind === "ServiceAccount" && namespace ? `${namespace}/${name}` : name;
}
