import type { Attributes } from "../authorizer.ts";
import type { UserInfo } from "../../../api/wire.ts";
import type { BindingObject, RoleObject, Rule } from "./rule.ts";

const group = "rbac.authorization.k8s.io";

/** A state of the cluster, in no particular order. */
export interface Policy {
  readonly roles: readonly RoleObject[];
  readonly bindings: readonly BindingObject[];
}

export function role(name: string, rules: readonly Rule[], namespace?: string): RoleObject {
  return { metadata: placed(name, namespace), rules };
}

/** `U:jane`, `G:dev`, `SA:ns/name`, `SA:name`. */
export function binding(
  name: string,
  roleName: string,
  subjects: readonly string[],
  namespace?: string,
): BindingObject {
  const [kind, of = ""] = roleName.includes(":") ? ["Role", roleName.split(":")[1]] : ["ClusterRole", roleName];
  return {
    metadata: placed(name, namespace),
    roleRef: { apiGroup: group, kind: kind ?? "", name: of },
    subjects: subjects.map(subject),
  };
}

function placed(name: string, namespace: string | undefined): { name: string; namespace?: string } {
  return namespace === undefined ? { name } : { name, namespace };
}

function subject(text: string): { kind: string; name: string; namespace?: string; apiGroup?: string } {
  const colon = text.indexOf(":");
  const kind = text.slice(0, colon);
  const of = text.slice(colon + 1);
  if (kind === "SA") {
    const [name = "", namespace] = of.split("/").toReversed();
    return { kind: "ServiceAccount", name, ...(namespace === undefined ? {} : { namespace }) };
  }
  return { kind: kind === "G" ? "Group" : "User", apiGroup: group, name: of };
}

/** `get pods`, `get pods/log`, `get deployments.apps`, with a place: `get pods in dev`, and a name: `get pods named web in dev`; `get /healthz`. */
export function asks(user: UserInfo, text: string): Attributes {
  const [, verb = "", what = "", name = "", namespace = ""] =
    /^(\S+) (\S+)(?: named (\S+))?(?: in (\S+))?$/.exec(text) ?? [];
  if (what.startsWith("/")) return { user, verb, path: what };
  const [full = "", subresource = ""] = what.split("/");
  const dot = full.indexOf(".");
  const resource = dot < 0 ? full : full.slice(0, dot);
  const of = dot < 0 ? "" : full.slice(dot + 1);
  return { user, verb, path: "", resource: { group: of, version: "v1", resource, subresource, namespace, name } };
}
