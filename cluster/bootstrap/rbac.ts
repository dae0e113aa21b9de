import type { KubeObject } from "../../api/machinery/object.ts";
import { systemObjects, type ClusterRoleFact, type RuleFact } from "./facts.ts";
import { subjectOf, type Subject } from "./subject.ts";

const apiVersion = "rbac.authorization.k8s.io/v1";
const apiGroup = "rbac.authorization.k8s.io";

/** Upstream's bootstrap roles and bindings. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings */
export function rbacObjects(): readonly KubeObject[] {
  const { clusterRoles, clusterRoleBindings, roles, roleBindings, clusterRolesOnlyWithGates } = systemObjects;
  return [
    ...Object.entries(clusterRoles)
      .filter(([name]) => !Object.hasOwn(clusterRolesOnlyWithGates, name))
      .map(([name, fact]) => clusterRole(name, fact)),
    ...Object.entries(clusterRoleBindings).map(([name, [role, subjects]]) =>
      binding("ClusterRoleBinding", name, undefined, { kind: "ClusterRole", name: role, subjects }),
    ),
    ...Object.entries(roles).map(([key, rules]) => role(key, rules)),
    ...Object.entries(roleBindings).map(([key, [kind, role, subjects]]) => {
      const [namespace = "", name = ""] = key.split("/");
      return binding("RoleBinding", name, namespace, { kind, name: role, subjects });
    }),
  ];
}

function clusterRole(name: string, { rules, aggregate, labels }: ClusterRoleFact): KubeObject & object {
  const metadata = { ...common(name), labels: { ...systemObjects.rbacCommon.labels, ...labels } };
  return {
    apiVersion,
    kind: "ClusterRole",
    metadata,
    ...(aggregate === undefined
      ? {}
      : { aggregationRule: { clusterRoleSelectors: aggregate.map((matchLabels) => ({ matchLabels })) } }),
    rules: rules.map(rule),
  } as KubeObject;
}

function role(key: string, rules: readonly RuleFact[]): KubeObject {
  const [namespace = "", name = ""] = key.split("/");
  return { apiVersion, kind: "Role", metadata: { ...common(name), namespace }, rules: rules.map(rule) } as KubeObject;
}

function binding(
  bindingKind: "ClusterRoleBinding" | "RoleBinding",
  name: string,
  namespace: string | undefined,
  to: { readonly kind: string; readonly name: string; readonly subjects: readonly string[] },
): KubeObject {
  return {
    apiVersion,
    kind: bindingKind,
    metadata: { ...common(name), ...(namespace === undefined ? {} : { namespace }) },
    roleRef: { apiGroup, kind: to.kind, name: to.name },
    ...(to.subjects.length === 0 ? {} : { subjects: to.subjects.map((subject) => withGroup(subjectOf(subject))) }),
  } as KubeObject;
}

function withGroup(subject: Subject): object {
  return subject.kind === "ServiceAccount" ? subject : { apiGroup, ...subject };
}

function rule([verbs, groups, resources, resourceNames]: RuleFact): object {
  if (!Array.isArray(groups)) return { verbs, nonResourceURLs: (groups as { readonly urls: readonly string[] }).urls };
  return { verbs, apiGroups: groups, resources, ...(resourceNames === undefined ? {} : { resourceNames }) };
}

function common(name: string): { name: string; annotations: Record<string, string>; labels: Record<string, string> } {
  const { annotations, labels } = systemObjects.rbacCommon;
  return { name, annotations: { ...annotations }, labels: { ...labels } };
}
