import type { PolicyRule, RoleRef, Subject } from "../../../api/generated/types/rbac-v1.ts";
import type { DeepReadonly, ObjectMeta } from "../../../api/machinery/object.ts";

export type Rule = DeepReadonly<PolicyRule>;

/** The kinds of objects that say who may do what. */
export type RoleKind = "Role" | "ClusterRole";
export type BindingKind = "RoleBinding" | "ClusterRoleBinding";

export interface RoleObject {
  readonly metadata?: DeepReadonly<ObjectMeta>;
  readonly rules?: readonly Rule[] | null;
}

export interface BindingObject {
  readonly metadata?: DeepReadonly<ObjectMeta>;
  readonly subjects?: readonly DeepReadonly<Subject>[] | null;
  readonly roleRef?: DeepReadonly<RoleRef>;
}
