/** Defaults of the rbac group. */
import { textAt } from "../machinery/members.ts";
import type { DefaultRule, DefaultRules } from "../schema/default.ts";

const ownGroup = "rbac.authorization.k8s.io";

const binding: DefaultRule = (object, set) => set.ifZero(set.within(object, "roleRef"), "apiGroup", ownGroup);

export const rbacDefaults: DefaultRules = {
  "io.k8s.api.rbac.v1.ClusterRoleBinding": binding,
  "io.k8s.api.rbac.v1.RoleBinding": binding,
  "io.k8s.api.rbac.v1.Subject": (subject, set) => {
    // Service accounts are objects of the core group, whose name is "".
    if (textAt(subject, "kind") === "User" || textAt(subject, "kind") === "Group")
      set.ifZero(subject, "apiGroup", ownGroup);
  },
};
