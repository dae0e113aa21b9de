import type { UserInfo } from "../../../api/wire.ts";
import { Binding } from "./binding.ts";
import { BindingsByPrincipal } from "./bindings-by-principal.ts";
import { Role } from "./role.ts";
import type { BindingKind, BindingObject, RoleKind, RoleObject, Rule } from "./rule.ts";

/**
 * Roles and bindings, found by whom they concern:
 *
 *     namespace ("" for all) → user or group → bindings → role → rules by resource
 *
 * A change of one object touches what follows from that object alone. The order of changes does not count: a binding
 * may come before its role.
 */
export class RbacIndex {
  readonly #roles = new Map<string, Role>();
  readonly #bindings = new Map<string, Binding>();
  readonly #byNamespace = new Map<string, BindingsByPrincipal>();

  putRole(kind: RoleKind, { metadata, rules }: RoleObject): void {
    this.#role(kind, metadata?.namespace ?? "", metadata?.name ?? "").rules = rules ?? [];
  }

  removeRole(kind: RoleKind, namespace: string, name: string): void {
    const key = roleKey(kind, namespace, name);
    const role = this.#roles.get(key);
    if (role === undefined) return;
    role.rules = undefined;
    if (role.references === 0) this.#roles.delete(key);
  }

  putBinding(kind: BindingKind, object: BindingObject): void {
    const { metadata, roleRef } = object;
    const { namespace = "", name = "" } = metadata ?? {};
    this.removeBinding(namespace, name);
    const role = this.#role(roleRef?.kind ?? "", namespace, roleRef?.name ?? "");
    role.references += 1;
    const binding = new Binding(kind, object, role);
    this.#bindings.set(`${namespace}/${name}`, binding);
    let bindings = this.#byNamespace.get(namespace);
    if (bindings === undefined) this.#byNamespace.set(namespace, (bindings = new BindingsByPrincipal()));
    bindings.add(binding);
  }

  removeBinding(namespace: string, name: string): void {
    const key = `${namespace}/${name}`;
    const binding = this.#bindings.get(key);
    if (binding === undefined) return;
    this.#bindings.delete(key);
    const bindings = this.#byNamespace.get(namespace);
    bindings?.remove(binding);
    if (bindings?.isEmpty === true) this.#byNamespace.delete(namespace);
    const { role } = binding;
    role.references -= 1;
    if (role.references === 0 && role.rules === undefined) this.#roles.delete(roleKey(role.kind, namespace, role.name));
  }

  /** The rules of a role; undefined when there is no such role. */
  rulesOf(kind: string, namespace: string, name: string): readonly Rule[] | undefined {
    return this.#roles.get(roleKey(kind, namespace, name))?.rules;
  }

  /** The first that fits of those that bind a user everywhere and, where one is named, in a namespace. */
  find(user: UserInfo, namespace: string, fits: (binding: Binding) => boolean): Binding | undefined {
    const found = this.#byNamespace.get("")?.find(user, fits);
    return found ?? (namespace === "" ? undefined : this.#byNamespace.get(namespace)?.find(user, fits));
  }

  /** All of them, each once: those for all namespaces first, in the order of their names. */
  bindingsOf(user: UserInfo, namespace: string): readonly Binding[] {
    const everywhere = this.#byNamespace.get("")?.all(user) ?? [];
    return namespace === "" ? everywhere : [...everywhere, ...(this.#byNamespace.get(namespace)?.all(user) ?? [])];
  }

  #role(kind: string, namespace: string, name: string): Role {
    const key = roleKey(kind, namespace, name);
    let role = this.#roles.get(key);
    if (role === undefined) this.#roles.set(key, (role = new Role(kind, name)));
    return role;
  }
}

/** A binding in a namespace finds ClusterRoles where they are, which is in none. */
function roleKey(kind: string, namespace: string, name: string): string {
  return kind === "ClusterRole" ? `ClusterRole//${name}` : `${kind}/${namespace}/${name}`;
}
