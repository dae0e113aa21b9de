import fc from "fast-check";
import { expect, it } from "vitest";
import type { Attributes } from "../authorizer.ts";
import type { UserInfo } from "../../../api/wire.ts";
import { rbacAuthorizer } from "./rbac-authorizer.ts";
import { RbacIndex } from "./rbac-index.ts";
import type { BindingObject, RoleObject, Rule } from "./rule.ts";
import { binding, role, type Policy } from "./rules.testing.ts";
import { rulesOfUser } from "./rules-of-user.ts";

const some = (...of: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...of);
const few = (...of: readonly string[]): fc.Arbitrary<string[]> => fc.array(some(...of), { maxLength: 3 });
const rule: fc.Arbitrary<Rule> = fc.oneof(
  fc.record({
    verbs: few("get", "list", "*"),
    apiGroups: few("", "apps", "*"),
    resources: few("pods", "pods/log", "*/log", "*", "pods/*"),
    resourceNames: few("a", "b", ""),
  }),
  fc.record({ verbs: few("get", "list", "*"), nonResourceURLs: few("/a", "/a/*", "/a*", "*") }),
);
const names = some("one", "two", "three");
const namespaces = fc.option(some("x", "y"), { nil: undefined });
const subjects = few("U:jane", "U:joe", "G:dev", "G:ops", "SA:x/robot", "SA:robot", "U:system:serviceaccount:x:robot");
const aRole = fc.tuple(names, fc.array(rule, { maxLength: 3 }), namespaces).map((of) => role(...of));
const aBinding = fc
  .tuple(names, names, subjects, namespaces, fc.boolean())
  .map(([name, of, who, at, own]) => binding(name, own && at !== undefined ? `R:${of}` : of, who, at));
const user: fc.Arbitrary<UserInfo> = fc.record({
  name: some("jane", "joe", "system:serviceaccount:x:robot", "system:serviceaccount:y:robot"),
  groups: fc.uniqueArray(some("dev", "ops")),
});
const attributes: fc.Arbitrary<Attributes> = fc.oneof(
  fc.record({ user, verb: some("get", "list", "*"), path: some("/", "/a", "/a/", "/a/b", "/ab") }),
  fc.record({
    user,
    verb: some("get", "list", "*"),
    path: fc.constant(""),
    resource: fc.record({
      group: some("", "apps"),
      version: fc.constant("v1"),
      resource: some("pods", "nodes"),
      subresource: some("", "log", "*"),
      namespace: some("", "x", "y"),
      name: some("", "a", "b"),
    }),
  }),
);
const policy: fc.Arbitrary<Policy> = fc.record({
  roles: fc.uniqueArray(aRole, { maxLength: 6, selector: placeOf }),
  bindings: fc.uniqueArray(aBinding, { maxLength: 8, selector: placeOf }),
});

function placeOf({ metadata }: RoleObject | BindingObject): string {
  return `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
}

function put(index: RbacIndex, object: RoleObject | BindingObject): void {
  const isNamespaced = object.metadata?.namespace !== undefined;
  if ("roleRef" in object) index.putBinding(isNamespaced ? "RoleBinding" : "ClusterRoleBinding", object);
  else index.putRole(isNamespaced ? "Role" : "ClusterRole", object);
}

function remove(index: RbacIndex, object: RoleObject | BindingObject): void {
  const { namespace = "", name = "" } = object.metadata ?? {};
  if ("roleRef" in object) index.removeBinding(namespace, name);
  else index.removeRole(namespace === "" ? "ClusterRole" : "Role", namespace, name);
}

/** The plainest reading of the documentation: every binding, every subject, every rule. */
function allowedByTheBook({ roles, bindings }: Policy, asked: Attributes): boolean {
  const at = asked.resource?.namespace ?? "";
  return bindings.some(({ metadata, subjects: bound, roleRef }) => {
    const home = metadata?.namespace ?? "";
    if (home !== "" && home !== at) return false;
    const isMeant = bound?.some(({ kind, name, namespace }) => {
      if (kind === "Group") return asked.user.groups.includes(name);
      if (kind === "User") return asked.user.name === name;
      const of = namespace ?? home;
      return of !== "" && asked.user.name === `system:serviceaccount:${of}:${name}`;
    });
    const found = roles.find(
      (one) =>
        one.metadata?.name === roleRef?.name &&
        (one.metadata?.namespace ?? "") === (roleRef?.kind === "Role" ? home : ""),
    );
    return isMeant === true && (found?.rules ?? []).some((one) => allows(one, asked));
  });
}

function allows(of: Rule, { verb, resource, path }: Attributes): boolean {
  const lists = (list: readonly string[] | undefined, wanted: string): boolean =>
    list?.some((one) => one === "*" || one === wanted) === true;
  if (!lists(of.verbs, verb)) return false;
  if (resource === undefined)
    return (of.nonResourceURLs ?? []).some(
      (one) => one === path || (one.endsWith("*") && path.startsWith(one.slice(0, one.indexOf("*")))),
    );
  const full = resource.subresource === "" ? resource.resource : `${resource.resource}/${resource.subresource}`;
  const isNamed = (of.resourceNames ?? []).length === 0 || of.resourceNames?.includes(resource.name) === true;
  const isMeant =
    lists(of.resources, full) ||
    (resource.subresource !== "" && of.resources?.includes(`*/${resource.subresource}`) === true);
  return isNamed && isMeant && lists(of.apiGroups, resource.group);
}

it("allows exactly what some rule allows, in whatever order things came", () => {
  fc.assert(
    fc.property(policy, fc.array(attributes, { minLength: 1, maxLength: 8 }), fc.nat(), (state, questions, seed) => {
      const objects = [...state.roles, ...state.bindings];
      const index = new RbacIndex();
      for (const object of objects) put(index, object);
      const shuffled = new RbacIndex();
      const order = objects.map((object, at) => ({ object, place: (at * 7919 + seed) % 101 }));
      for (const { object } of order.toSorted((a, b) => a.place - b.place)) put(shuffled, object);
      for (const question of questions) {
        const decision = rbacAuthorizer(index)(question);
        expect(decision.opinion === "allow").toBe(allowedByTheBook(state, question));
        expect(rbacAuthorizer(shuffled)(question)).toEqual(decision);
      }
    }),
    { numRuns: 500 },
  );
});

it("follows changes as if it had been made anew after each", () => {
  const change = fc.tuple(fc.oneof(aRole, aBinding), fc.boolean());
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), fc.array(attributes, { maxLength: 4 }), (changes, questions) => {
      const index = new RbacIndex();
      const now = new Map<string, RoleObject | BindingObject>();
      for (const [object, isThere] of changes) {
        const key = `${"roleRef" in object} ${placeOf(object)}`;
        if (isThere) now.set(key, object);
        else now.delete(key);
        if (isThere) put(index, object);
        else remove(index, object);
      }
      const anew = new RbacIndex();
      for (const object of now.values()) put(anew, object);
      for (const question of questions) {
        expect(rbacAuthorizer(index)(question)).toEqual(rbacAuthorizer(anew)(question));
        const place = question.resource?.namespace ?? "";
        expect(rulesOfUser(index, question.user, place)).toEqual(rulesOfUser(anew, question.user, place));
      }
    }),
    { numRuns: 300 },
  );
});
