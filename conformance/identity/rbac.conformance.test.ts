import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { createNamespace, openStage, type Stage } from "../kubectl/stage.ts";

const group = "rbac.authorization.k8s.io";

/** Who may do what, as an administrator grants it and as users meet it. */
describe("role-based access", () => {
  let stage: Stage;
  let other: string;

  beforeAll(async () => {
    stage = await openStage(36, "rbac");
    other = `${stage.namespace}-other`;
    await createNamespace(stage.kubectl, other);
    await stage.ok("create", "role", "pod-reader", "--verb=get,list,watch", "--resource=pods,pods/log");
    await stage.ok("create", "rolebinding", "jane-reads", "--role=pod-reader", "--user=jane");
  });
  afterAll(async () => {
    const all = "clusterrole,clusterrolebinding";
    await stage.kubectl.run(["delete", all, "-l", `conformance=${stage.run}`]);
    await stage.kubectl.run(["delete", "namespace", other, "--wait=false"]);
    await stage[Symbol.asyncDispose]();
  });

  /** Objects without a namespace. */
  const clusterWide = async (kind: string, name: string, ...args: readonly string[]): Promise<string> => {
    const full = `conformance-${name}-${stage.run}`;
    await stage.ok("create", kind, full, ...args);
    await stage.ok("label", kind, full, `conformance=${stage.run}`);
    return full;
  };
  /** What `auth can-i` says, and how it exits. */
  const canI = async (...args: readonly string[]): Promise<string> => {
    const { stdout, code } = await stage.kubectl.run(["auth", "can-i", "-n", stage.namespace, ...args]);
    return `${stdout.trim()} ${code}`;
  };
  const apply = (text: object, ...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    stage.kubectl.run(["apply", "-n", stage.namespace, "-f", "-", ...args], { stdin: JSON.stringify(text) });
  const role = (name: string, ...rules: readonly object[]): object => ({
    apiVersion: `${group}/v1`,
    kind: "Role",
    metadata: { name, namespace: stage.namespace },
    rules,
  });

  test("a role counts in its namespace, and nowhere else", async () => {
    expect(await stage.ok("get", "pods", "--as=jane")).toBe("");
    expect(await stage.refused("get", "secrets", "--as=jane")).toBe(
      `Error from server (Forbidden): secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "${stage.namespace}"\n`,
    );
    const refused = async (...args: readonly string[]): Promise<string> =>
      (await stage.kubectl.exits(1, [...args, "--as=jane"])).stderr;
    expect(await refused("get", "pods", "-n", other)).toBe(
      `Error from server (Forbidden): pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "${other}"\n`,
    );
    expect(await refused("get", "pods", "-A")).toBe(
      'Error from server (Forbidden): pods is forbidden: User "jane" cannot list resource "pods" in API group "" at the cluster scope\n',
    );
    expect(await refused("delete", "deployment", "web", "-n", other)).toBe(
      `Error from server (Forbidden): deployments.apps "web" is forbidden: User "jane" cannot delete resource "deployments" in API group "apps" in the namespace "${other}"\n`,
    );
  });

  test("names, subresources, groups and service accounts count", async () => {
    await stage.ok("create", "role", "one", "--verb=get,update", "--resource=configmaps", "--resource-name=settings");
    await stage.ok("create", "rolebinding", "one", "--role=one", "--group=operators");
    await stage.ok("create", "role", "scaler", "--verb=update", "--resource=deployments/scale");
    await stage.ok("create", "rolebinding", "scaler", "--role=scaler", `--serviceaccount=${stage.namespace}:robot`);
    const operator = ["--as=joe", "--as-group=operators"];
    const robot = `--as=system:serviceaccount:${stage.namespace}:robot`;
    expect(await canI("get", "configmaps/settings", ...operator)).toBe("yes 0");
    expect(await canI("get", "configmaps/others", ...operator)).toBe("no 1");
    expect(await canI("list", "configmaps", ...operator)).toBe("no 1");
    expect(await canI("get", "configmaps/settings", "--as=joe")).toBe("no 1");
    expect(await canI("update", "deployments.apps", "--subresource=scale", robot)).toBe("yes 0");
    expect(await canI("update", "deployments.apps", robot)).toBe("no 1");
  });

  test("auth can-i answers for oneself and for others, and lists", async () => {
    expect(await canI("*", "*")).toBe("yes 0");
    expect(await canI("list", "pods", "--as=jane")).toBe("yes 0");
    expect(await canI("get", "pods", "--subresource=log", "--as=jane")).toBe("yes 0");
    expect(await canI("create", "pods", "--as=jane")).toBe("no 1");
    expect(await canI("get", "/version", "--as=jane")).toBe("yes 0");
    expect(await canI("get", "/metrics", "--as=jane")).toBe("no 1");
    const lines = (await stage.ok("auth", "can-i", "--list", "--as=jane")).trimEnd().split("\n");
    const rows = lines.map((line) => line.trimEnd().replace(/ {2,}/g, " "));
    expect(rows[0]).toBe("Resources Non-Resource URLs Resource Names Verbs");
    expect(rows).toEqual(
      expect.arrayContaining([
        "pods [] [] [get list watch]",
        "pods/log [] [] [get list watch]",
        "selfsubjectaccessreviews.authorization.k8s.io [] [] [create]",
        "selfsubjectreviews.authentication.k8s.io [] [] [create]",
        " [/openapi/*] [] [get]",
        " [/version] [] [get]",
      ]),
    );
    expect(rows.join("\n")).not.toContain("secrets");
  });

  test("a cluster role may be bound in one namespace, or everywhere", async () => {
    const reader = await clusterWide("clusterrole", "reader", "--verb=get,list", "--resource=configmaps,nodes");
    await stage.ok("create", "rolebinding", "ann", `--clusterrole=${reader}`, "--user=ann");
    expect(await canI("list", "configmaps", "--as=ann")).toBe("yes 0");
    expect(await canI("list", "configmaps", "--as=ann", "-A")).toBe("no 1");
    expect(await canI("list", "nodes", "--as=ann", "-A")).toBe("no 1");
    await clusterWide("clusterrolebinding", "reader", `--clusterrole=${reader}`, "--user=ann");
    expect(await canI("list", "configmaps", "--as=ann", "-A")).toBe("yes 0");
    expect(await stage.ok("get", "nodes", "--as=ann", "-o", "name")).toMatch(/^node\//);
  });

  test("an aggregated role holds what roles of its labels hold", async () => {
    const part = await clusterWide("clusterrole", "part", "--verb=get", "--resource=configmaps");
    const selector = `rbac.example.com/part-of=${stage.run}`;
    const whole = await clusterWide("clusterrole", "whole", `--aggregation-rule=${selector}`);
    await stage.ok("create", "rolebinding", "bob", `--clusterrole=${whole}`, "--user=bob");
    expect(await canI("get", "configmaps", "--as=bob")).toBe("no 1");
    await stage.ok("label", "clusterrole", part, selector);
    await stage.ok(
      "wait",
      `clusterrole/${whole}`,
      "--for=jsonpath={.rules[0].resources[0]}=configmaps",
      "--timeout=20s",
    );
    expect(await canI("get", "configmaps", "--as=bob")).toBe("yes 0");
  });

  test("roles that come with the cluster: view, edit and admin of a namespace", async () => {
    for (const name of ["view", "edit", "admin"])
      await stage.ok("create", "rolebinding", name, `--clusterrole=${name}`, `--user=${name}er`);
    const who = ["viewer", "editer", "adminer"];
    const asked = async (...args: readonly string[]): Promise<string> =>
      (await Promise.all(who.map((name) => canI(...args, `--as=${name}`)))).map((said) => said.split(" ")[0]).join(" ");
    expect(await asked("get", "pods")).toBe("yes yes yes");
    expect(await asked("create", "deployments.apps")).toBe("no yes yes");
    expect(await asked("get", "secrets")).toBe("no yes yes");
    expect(await asked("create", `rolebindings.${group}`)).toBe("no no yes");
    expect(await asked("delete", "resourcequotas")).toBe("no no no");
    expect(await stage.ok("get", "namespace", stage.namespace, "--as=viewer", "-o", "name")).toBe(
      `namespace/${stage.namespace}\n`,
    );
    // By one name a list is read that may not be read as a whole.
    expect(await stage.refused("get", "namespaces", "--as=viewer")).toContain("at the cluster scope");
  });

  test("nobody grants what he does not have", async () => {
    await stage.ok("create", "rolebinding", "eve", "--clusterrole=admin", "--user=eve");
    const reading = { verbs: ["get", "list"], apiGroups: [""], resources: ["pods"] };
    expect((await apply(role("mine", reading), "--as=eve")).code).toBe(0);
    const nodes = { verbs: ["get", "delete"], apiGroups: [""], resources: ["nodes"] };
    const { code, stderr } = await apply(role("more", reading, nodes), "--as=eve");
    expect([code, stderr]).toEqual([
      1,
      `Error from server (Forbidden): error when creating "STDIN": roles.${group} "more" is forbidden: user "eve" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["nodes"], Verbs:["get" "delete"]}\n`,
    ]);
    const served = await apply(role("mine", reading, nodes), "--as=eve", "--server-side");
    expect(served.stderr).toContain("is attempting to grant RBAC permissions not currently held");
    expect(
      await stage.refused("create", "rolebinding", "up", "--clusterrole=cluster-admin", "--user=eve", "--as=eve"),
    ).toContain(
      `rolebindings.${group} "up" is forbidden: user "eve" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}\n`,
    );
    expect(await stage.ok("create", "rolebinding", "down", "--clusterrole=view", "--user=joe", "--as=eve")).toContain(
      "created",
    );
    expect(await stage.refused("create", "rolebinding", "lost", "--role=nowhere", "--user=joe", "--as=eve")).toContain(
      `roles.${group} "nowhere" not found`,
    );
    await stage.ok(
      "create",
      "role",
      "binder",
      "--verb=bind",
      `--resource=clusterroles.${group}`,
      "--resource-name=cluster-admin",
    );
    await stage.ok("create", "rolebinding", "binder", "--role=binder", "--user=eve");
    expect(
      await stage.ok("create", "rolebinding", "up", "--clusterrole=cluster-admin", "--user=eve", "--as=eve"),
    ).toContain("created");
  });

  test("auth reconcile adds what is missing, and makes bindings of other roles anew", async () => {
    const binding = (roleName: string, ...users: readonly string[]): object => ({
      apiVersion: `${group}/v1`,
      kind: "RoleBinding",
      metadata: { name: "kept", namespace: stage.namespace },
      roleRef: { apiGroup: group, kind: "Role", name: roleName },
      subjects: users.map((name) => ({ kind: "User", apiGroup: group, name })),
    });
    const rule = (verb: string): object => ({ verbs: [verb], apiGroups: [""], resources: ["pods"] });
    const reconcile = async (one: object, ...args: readonly string[]): Promise<string> =>
      stage.kubectl.ok(["auth", "reconcile", "-n", stage.namespace, "-f", "-", ...args], {
        stdin: JSON.stringify(one),
      });
    expect(await reconcile(role("kept", rule("get")))).toContain(`role.${group}/kept reconciled\n`);
    await reconcile(role("kept", rule("list")));
    expect((await stage.json("get", "role", "kept"))["rules"]).toEqual([rule("get"), rule("list")]);
    await reconcile(role("kept", rule("watch")), "--remove-extra-permissions");
    expect((await stage.json("get", "role", "kept"))["rules"]).toEqual([rule("watch")]);
    await reconcile(binding("kept", "ann"));
    await reconcile(binding("kept", "bob"));
    const subjects = (await stage.json("get", "rolebinding", "kept"))["subjects"];
    expect(subjects).toMatchObject([{ name: "ann" }, { name: "bob" }]);
    await reconcile(binding("pod-reader", "bob"));
    expect((await stage.json("get", "rolebinding", "kept"))["roleRef"]).toMatchObject({ name: "pod-reader" });
  });

  test("a kubeconfig of one's own: a service account's token", async () => {
    await stage.ok("create", "serviceaccount", "deployer");
    const account = `${stage.namespace}:deployer`;
    await stage.ok("create", "rolebinding", "deployer", "--clusterrole=edit", `--serviceaccount=${account}`);
    const token = (await stage.ok("create", "token", "deployer")).trim();
    const config = parse(stage.target.kubeconfig) as { users: object[]; contexts: { context: { user: string } }[] };
    const own = join(stage.kubectl.home, "deployer.kubeconfig");
    const name = config.contexts[0]?.context.user;
    await writeFile(own, stringify({ ...config, users: [{ name, user: { token } }] }), { mode: 0o600 });
    const env = { KUBECONFIG: own };
    const run = (...args: readonly string[]): ReturnType<typeof stage.kubectl.run> =>
      stage.kubectl.run([...args, "-n", stage.namespace], { env });
    expect((await run("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")).stdout).toBe(
      `system:serviceaccount:${account}`,
    );
    expect((await run("create", "configmap", "made", "--from-literal=by=deployer")).stdout).toBe(
      "configmap/made created\n",
    );
    expect((await run("get", "nodes")).stderr).toBe(
      `Error from server (Forbidden): nodes is forbidden: User "system:serviceaccount:${account}" cannot list resource "nodes" in API group "" at the cluster scope\n`,
    );
    expect((await run("auth", "can-i", "create", "roles")).stdout).toBe("no\n");
  });

  test("impersonation is a permission, too", async () => {
    const verbs = ["--verb=impersonate", "--resource=users", "--resource-name=jane"];
    const help = await clusterWide("clusterrole", "help", ...verbs);
    await clusterWide("clusterrolebinding", "help", `--clusterrole=${help}`, "--user=helper");
    expect(await canI("impersonate", "users/jane", "--as=helper", "-A")).toBe("yes 0");
    expect(await canI("impersonate", "users/joe", "--as=helper", "-A")).toBe("no 1");
  });
});
