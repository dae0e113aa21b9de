import { describe, expect, it } from "vitest";
import type { UserInfo } from "../../../api/wire.ts";
import { rbacAuthorizer } from "./rbac-authorizer.ts";
import { RbacIndex } from "./rbac-index.ts";
import type { Rule } from "./rule.ts";
import { asks, binding, role } from "./rules.testing.ts";

const jane: UserInfo = { name: "jane", groups: ["dev", "system:authenticated"] };
const robot: UserInfo = { name: "system:serviceaccount:ci:robot", groups: ["system:serviceaccounts"] };

function indexOf(...change: readonly ((index: RbacIndex) => void)[]): RbacIndex {
  const index = new RbacIndex();
  for (const apply of change) apply(index);
  return index;
}

function opinions(rules: readonly Rule[], questions: readonly string[]): readonly string[] {
  const index = indexOf(
    (to) => to.putRole("ClusterRole", role("it", rules)),
    (to) => to.putBinding("ClusterRoleBinding", binding("b", "it", ["U:jane"])),
  );
  const decide = rbacAuthorizer(index);
  return questions.filter((question) => decide(asks(jane, question)).opinion === "allow");
}

describe("what a rule allows", () => {
  it.each<[string, Rule, readonly string[], readonly string[]]>([
    [
      "a resource, not its subresources",
      { verbs: ["get"], apiGroups: [""], resources: ["pods"] },
      ["get pods", "get pods in dev", "get pods named web in dev"],
      ["list pods", "get pods/log", "get pods.metrics.k8s.io", "get /pods"],
    ],
    [
      "a subresource alone",
      { verbs: ["get"], apiGroups: [""], resources: ["pods/log"] },
      ["get pods/log in dev"],
      ["get pods", "get pods/exec"],
    ],
    [
      "a subresource of any parent",
      { verbs: ["update"], apiGroups: ["apps"], resources: ["*/scale"] },
      ["update deployments.apps/scale in dev"],
      ["update deployments.apps", "update deployments.apps/status", "update replicationcontrollers/scale"],
    ],
    [
      "everything",
      { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
      ["get pods", "brew deployments.apps", "get pods/log", "* *"],
      ["get /healthz"],
    ],
    [
      "stars for subresources, which mean nothing",
      { verbs: ["get"], apiGroups: [""], resources: ["pods/*"] },
      [],
      ["get pods", "get pods/log"],
    ],
    [
      "some names",
      { verbs: ["get", "create"], apiGroups: [""], resources: ["pods"], resourceNames: ["web", "db"] },
      ["get pods named web", "get pods named db in dev"],
      ["get pods", "create pods in dev", "get pods named cache"],
    ],
    [
      "paths",
      { verbs: ["get"], nonResourceURLs: ["/healthz", "/logs/*", "/debug*"] },
      ["get /healthz", "get /logs/", "get /logs/a/b", "get /debug", "get /debugger"],
      ["get /healthz/etcd", "get /logs", "post /healthz", "get pods"],
    ],
    ["all paths", { verbs: ["*"], nonResourceURLs: ["*"] }, ["get /", "post /a/b"], ["get pods"]],
  ])("%s", (_what, rule, allowed, denied) => {
    expect(opinions([rule], [...allowed, ...denied])).toEqual(allowed);
  });
});

describe("reasons", () => {
  const rules = [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }];

  it.each([
    {
      who: jane,
      bound: (to: RbacIndex) => to.putBinding("ClusterRoleBinding", binding("b", "reader", ["G:dev", "U:jane"])),
      reason: 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "reader" to Group "dev"',
    },
    {
      who: jane,
      bound: (to: RbacIndex) => to.putBinding("RoleBinding", binding("b", "reader", ["U:joe", "U:jane"], "ns")),
      reason: 'RBAC: allowed by RoleBinding "b/ns" of ClusterRole "reader" to User "jane"',
    },
    {
      who: robot,
      bound: (to: RbacIndex) => to.putBinding("RoleBinding", binding("b", "R:own", ["SA:ci/robot"], "ns")),
      reason: 'RBAC: allowed by RoleBinding "b/ns" of Role "own" to ServiceAccount "robot/ci"',
    },
    {
      who: { ...robot, name: "system:serviceaccount:ns:robot" },
      bound: (to: RbacIndex) => to.putBinding("RoleBinding", binding("b", "R:own", ["SA:robot"], "ns")),
      reason: 'RBAC: allowed by RoleBinding "b/ns" of Role "own" to ServiceAccount "robot/ns"',
    },
  ])("says who allowed it: $reason", ({ who, bound, reason }) => {
    const index = indexOf(
      bound,
      (to) => to.putRole("ClusterRole", role("reader", rules)),
      (to) => to.putRole("Role", role("own", rules, "ns")),
    );
    expect(rbacAuthorizer(index)(asks(who, "get pods in ns"))).toEqual({ opinion: "allow", reason });
    expect(rbacAuthorizer(index)(asks(who, "list pods in ns"))).toEqual({ opinion: "no opinion", reason: "" });
  });

  it("says which roles are missing, each once", () => {
    const index = indexOf(
      (to) => to.putBinding("ClusterRoleBinding", binding("b", "lost", ["U:jane", "G:dev"])),
      (to) => to.putBinding("ClusterRoleBinding", binding("a", "lost", ["U:jane"])),
    );
    const reason = (): string => rbacAuthorizer(index)(asks(jane, "get pods in ns")).reason;
    expect(reason()).toBe('RBAC: clusterrole.rbac.authorization.k8s.io "lost" not found');
    index.putBinding("RoleBinding", binding("a", "R:own", ["G:dev"], "ns"));
    expect(reason()).toBe(
      'RBAC: [clusterrole.rbac.authorization.k8s.io "lost" not found, role.rbac.authorization.k8s.io "own" not found]',
    );
    index.putRole("ClusterRole", role("lost", rules));
    expect(reason()).toBe('RBAC: allowed by ClusterRoleBinding "a" of ClusterRole "lost" to User "jane"');
  });
});

it("keeps namespaces apart, also where roles have the same name", () => {
  const may = (verb: string): readonly Rule[] => [{ verbs: [verb], apiGroups: [""], resources: ["pods"] }];
  const index = indexOf(
    (to) => to.putRole("ClusterRole", role("r", may("watch"))),
    (to) => to.putRole("Role", role("r", may("get"), "one")),
    (to) => to.putRole("Role", role("r", may("list"), "two")),
    (to) => to.putBinding("RoleBinding", binding("b", "R:r", ["U:jane"], "one")),
    (to) => to.putBinding("RoleBinding", binding("b", "R:r", ["U:jane"], "two")),
    // Such a binding cannot be made: it must not find the ClusterRole.
    (to) => to.putBinding("ClusterRoleBinding", binding("b", "R:r", ["U:jane"])),
  );
  const questions = ["get", "list", "watch"].flatMap((verb) =>
    ["", " in one", " in two"].map((at) => `${verb} pods${at}`),
  );
  const allowed = questions.filter((question) => rbacAuthorizer(index)(asks(jane, question)).opinion === "allow");
  expect(allowed).toEqual(["get pods in one", "list pods in two"]);
});

it("forgets what is gone", () => {
  const rules = [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }];
  const index = new RbacIndex();
  const opinion = (): string => rbacAuthorizer(index)(asks(jane, "get pods in ns")).opinion;
  index.putBinding("RoleBinding", binding("b", "r", ["U:jane"], "ns"));
  expect(opinion()).toBe("no opinion");
  index.putRole("ClusterRole", role("r", rules));
  expect(opinion()).toBe("allow");
  index.putBinding("RoleBinding", binding("b", "r", ["U:joe"], "ns"));
  expect(opinion()).toBe("no opinion");
  index.putBinding("RoleBinding", binding("b", "r", ["G:dev"], "ns"));
  expect(opinion()).toBe("allow");
  index.removeRole("ClusterRole", "", "r");
  expect(opinion()).toBe("no opinion");
  index.putRole("ClusterRole", role("r", rules));
  index.removeBinding("ns", "b");
  expect(opinion()).toBe("no opinion");
});
