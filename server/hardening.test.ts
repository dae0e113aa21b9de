import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Status } from "../api/machinery/status.ts";
import type { UserInfo } from "../api/wire.ts";
import { configMap, configMaps, parsed, startTrial, type Method, type Trial } from "./trial.testing.ts";

/**
 * Flaws that API servers have had, one test for each class. Others have theirs where they belong: what is posted in
 * hostile-input.test.ts, redirects and tunnels in extensions/aggregation/proxy.test.ts and webhook/, floods in
 * http/guard-session.test.ts, tokens in auth/tokens/, escalation in rbac/.
 */
const rbac = "/apis/rbac.authorization.k8s.io/v1";
const jane: UserInfo = { name: "jane", groups: ["system:authenticated"] };

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
  for (const name of ["team", "strict"])
    await trial.ok("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
});
afterAll(() => trial[Symbol.asyncDispose]());

async function allow(name: string, rule: object, namespace = "team", user = jane): Promise<void> {
  const metadata = { name };
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name };
  const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user.name }];
  const base = `${rbac}/namespaces/${namespace}`;
  const apiVersion = "rbac.authorization.k8s.io/v1";
  await trial.ok("POST", `${base}/roles`, { apiVersion, kind: "Role", metadata, rules: [rule] });
  await trial.ok("POST", `${base}/rolebindings`, { apiVersion, kind: "RoleBinding", metadata, roleRef, subjects });
}

interface Asked {
  readonly user?: UserInfo;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(method: Method, url: string, { user = jane, body, headers }: Asked = {}): Promise<Status> {
  const answer = await trial.send(method, url, { user, ...(body && { body }), ...(headers && { headers }) });
  return { code: answer.status, ...parsed<Status>(answer.bytes) };
}

async function define(plural: string, kind: string, scope: "Cluster" | "Namespaced"): Promise<void> {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  const definition = await trial.ok("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.fleet.example.com` },
    spec: {
      group: "fleet.example.com",
      scope,
      names: { plural, singular: kind.toLowerCase(), kind },
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  });
  expect(definition.metadata?.name).toBe(`${plural}.fleet.example.com`);
}

const fleet = "/apis/fleet.example.com/v1";

describe("a role in a namespace", () => {
  beforeAll(async () => {
    await define("harbours", "Harbour", "Cluster");
    await define("harbourstations", "HarbourStation", "Namespaced");
    await allow("harbours", { verbs: ["*"], apiGroups: ["fleet.example.com"], resources: ["harbours"] });
    const harbour = { apiVersion: "fleet.example.com/v1", kind: "Harbour", metadata: { name: "north" }, key: "hidden" };
    await trial.ok("POST", `${fleet}/harbours`, harbour);
  });

  it.each<[Method, string]>([
    ["GET", "/namespaces/team/harbours/north"],
    ["GET", "/namespaces/team/harbours"],
    ["DELETE", "/namespaces/team/harbours/north"],
    ["DELETE", "/namespaces/team/harbours"],
    ["POST", "/namespaces/team/harbours"],
  ])("does not reach cluster-scoped custom objects by way of the namespace: %s %s", async (method, path) => {
    const body = { apiVersion: "fleet.example.com/v1", kind: "Harbour", metadata: { name: "south" } };
    const answer = await ask(method, `${fleet}${path}`, method === "POST" ? { body } : {});
    expect(answer).toMatchObject({ code: 404, reason: "NotFound" });
    expect(JSON.stringify(answer)).not.toContain("hidden");
    expect(await trial.list(`${fleet}/harbours`)).toMatchObject({ items: [{ metadata: { name: "north" } }] });
  });

  it.each(["/harbours", "/harbours/north", "/namespaces/default/harbours/north"])("ends with it: %s", async (path) => {
    expect(await ask("GET", `${fleet}${path}`)).toMatchObject({ code: 403, reason: "Forbidden" });
  });

  it("reads no other kind of the group, nor writes one under the name of its own", async () => {
    const station = { apiVersion: "fleet.example.com/v1", kind: "HarbourStation", metadata: { name: "one" } };
    await trial.ok("POST", `${fleet}/namespaces/team/harbourstations`, station);
    expect(await ask("GET", `${fleet}/namespaces/team/harbourstations/one`)).toMatchObject({ code: 403 });
    await allow("stations", { verbs: ["*"], apiGroups: ["fleet.example.com"], resources: ["harbourstations"] });
    const other = { apiVersion: "fleet.example.com/v1", kind: "Harbour", metadata: { name: "two" } };
    expect(await ask("POST", `${fleet}/namespaces/team/harbourstations`, { body: other })).toMatchObject({ code: 400 });
    const { items } = await trial.list(`${fleet}/namespaces/team/harbourstations`);
    expect(items.map(({ metadata }) => metadata?.name)).toEqual(["one"]);
  });
});

describe("names and paths", () => {
  beforeAll(async () => {
    await allow("maps", { verbs: ["*"], apiGroups: [""], resources: ["configmaps"] });
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "key" }, stringData: { key: "hidden" } };
    await trial.ok("POST", "/api/v1/namespaces/team/secrets", secret);
    await trial.ok("POST", configMaps, configMap("elsewhere", { key: "hidden" }));
  });

  it.each([
    "configmaps/..%2fsecrets%2fkey",
    "configmaps/%2e%2e%2fsecrets%2fkey",
    "configmaps/../secrets/key",
    "configmaps/%2e%2e/secrets/key",
    "configmaps//../../secrets/key",
    "configmaps/..%2f..%2fdefault%2fconfigmaps%2felsewhere",
    "configmaps/..%2f..%2f..%2fconfigmaps%2fdefault%2felsewhere",
    "configmaps/key/../../secrets/key",
  ])("lead nowhere else: %s", async (path) => {
    const answer = await ask("GET", `/api/v1/namespaces/team/${path}`);
    expect(answer.code).toBeGreaterThanOrEqual(400);
    expect(answer.code).toBeLessThan(500);
    expect(JSON.stringify(answer)).not.toContain("hidden");
  });

  it.each([
    "/debug/pprof/",
    "/debug/pprof/profile",
    "/debug/flags/v",
    "/debug/api_priority_and_fairness/dump_requests",
    "/metrics",
    "/configz",
    "/logs/",
  ])("of what is inside the server are closed: %s", async (path) => {
    expect(await ask("GET", path)).toMatchObject({ code: 403, reason: "Forbidden" });
  });
});

describe("who reads pods", () => {
  it.each(["exec?command=id", "attach", "portforward?ports=1"])("runs nothing in them for that: %s", async (action) => {
    const user = { name: `reader-of-${action}`, groups: [] };
    const [subresource = ""] = action.split("?");
    const resources = ["pods", `pods/${subresource}`];
    const url = `/api/v1/namespaces/team/pods/one/${action}`;
    await allow(`read-${subresource}`, { verbs: ["get"], apiGroups: [""], resources }, "team", user);
    expect(await ask("GET", url, { user })).toMatchObject({
      code: 403,
      message: `pods "one" is forbidden: User "${user.name}" cannot create resource "pods/${subresource}" in API group "" in the namespace "team"`,
    });
    await allow(`run-${subresource}`, { verbs: ["create"], apiGroups: [""], resources }, "team", user);
    expect((await ask("GET", url, { user })).code).not.toBe(403);
  });
});

describe("acting as somebody else", () => {
  beforeAll(async () => {
    const rule = { verbs: ["impersonate"], apiGroups: [""], resources: ["users"], resourceNames: ["ann"] };
    const apiVersion = "rbac.authorization.k8s.io/v1";
    await trial.ok("POST", `${rbac}/clusterroles`, {
      apiVersion,
      kind: "ClusterRole",
      metadata: { name: "ann" },
      rules: [rule],
    });
    await trial.ok("POST", `${rbac}/clusterrolebindings`, {
      apiVersion,
      kind: "ClusterRoleBinding",
      metadata: { name: "ann" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "ann" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "jane" }],
    });
  });

  it.each([
    { "impersonate-group": "system:masters" },
    { "impersonate-uid": "1" },
    { "impersonate-extra-scopes": "all" },
    { "impersonate-user": "root" },
    { "impersonate-user": "system:serviceaccount:kube-system:admin" },
    { "impersonate-user": "system:node:one" },
  ])("takes leave for each part of it: %j", async (headers) => {
    const answer = await ask("GET", "/api/v1/namespaces", { headers: { "impersonate-user": "ann", ...headers } });
    expect(answer).toMatchObject({ code: 403, reason: "Forbidden" });
    expect(answer.message).toContain(`User "jane" cannot impersonate`);
  });
});

describe("admission", () => {
  it("is not passed by with an ephemeral container", async () => {
    const labels = { "pod-security.kubernetes.io/enforce": "baseline" };
    await trial.ok(
      "PATCH",
      "/api/v1/namespaces/strict",
      { metadata: { labels } },
      { "content-type": "application/merge-patch+json" },
    );
    const pods = "/api/v1/namespaces/strict/pods";
    await trial.ok("POST", pods, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "one" },
      spec: { containers: [{ name: "app", image: "app" }] },
    });
    const debug = { name: "debug", image: "busybox", securityContext: { privileged: true } };
    const refused = await trial.refusal(
      "PATCH",
      `${pods}/one/ephemeralcontainers`,
      { spec: { ephemeralContainers: [debug] } },
      { "content-type": "application/strategic-merge-patch+json" },
    );
    expect(refused).toMatchObject({ code: 403, reason: "Forbidden" });
    expect(refused.message).toContain("privileged");
    // Nor by another door to the same object.
    for (const door of ["", "/status"]) {
      const answer = await trial.send("PATCH", `${pods}/one${door}`, {
        body: { spec: { ephemeralContainers: [debug] } },
        headers: { "content-type": "application/strategic-merge-patch+json" },
      });
      const pod = await trial.ok("GET", `${pods}/one`);
      expect(JSON.stringify(pod["spec"]), String(answer.status)).not.toContain("debug");
    }
  });
});
