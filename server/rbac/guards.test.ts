import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UserInfo } from "../../api/wire.ts";
import { parsed, startTrial, type Loose, type Method, type Trial } from "../trial.testing.ts";

const apiGroup = "rbac.authorization.k8s.io";
const rbac = `/apis/${apiGroup}/v1`;
const here = `${rbac}/namespaces/default`;
/** Writes roles and bindings anywhere, and reads pods. */
const editor: UserInfo = { name: "editor", groups: ["dev", "system:authenticated"] };
/** The same, and may escalate the role `free` and bind the cluster role `owner`. */
const trusted: UserInfo = { name: "trusted", groups: ["dev", "trusted"] };
const readPods = { verbs: ["get", "list"], apiGroups: [""], resources: ["pods"] };
const writeRoles = {
  verbs: ["*"],
  apiGroups: [apiGroup],
  resources: ["roles", "rolebindings", "clusterroles", "clusterrolebindings"],
};
let trial: Trial;

beforeAll(async () => {
  trial = await startTrial();
  const verbs = ["get", "create", "update", "patch", "delete"];
  await trial.ok("POST", `${rbac}/clusterroles`, role("editing", [readPods, { ...writeRoles, verbs }]));
  await trial.ok("POST", `${rbac}/clusterroles`, role("owner", [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }]));
  await trial.ok("POST", `${rbac}/clusterroles`, role("free", []));
  await trial.ok(
    "POST",
    `${rbac}/clusterroles`,
    role("trust", [
      { verbs: ["escalate"], apiGroups: [apiGroup], resources: ["clusterroles"], resourceNames: ["free"] },
      { verbs: ["bind"], apiGroups: [apiGroup], resources: ["clusterroles"], resourceNames: ["owner"] },
    ]),
  );
  await trial.ok("POST", `${rbac}/clusterrolebindings`, bound("editing", "editing", ["Group", "dev"]));
  await trial.ok("POST", `${rbac}/clusterrolebindings`, bound("trust", "trust", ["Group", "trusted"]));
});

afterAll(() => trial[Symbol.asyncDispose]());

function role(name: string, rules: readonly object[]): object {
  return { metadata: { name }, rules };
}

function bound(name: string, of: string, [kind, who]: readonly [string, string], roleKind = "ClusterRole"): object {
  return {
    metadata: { name },
    roleRef: { apiGroup, kind: roleKind, name: of },
    subjects: [{ kind, name: who, apiGroup }],
  };
}

/** The code, and the message of a refusal. */
async function answerTo(
  user: UserInfo,
  method: Method,
  url: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<readonly [number, string?]> {
  const { status, bytes } = await trial.send(method, url, { user, body, headers });
  return status < 400 ? [status] : [status, String(parsed<Loose>(bytes)["message"])];
}

const grants =
  'user "editor" (groups=["dev" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n';
const deleteSecrets = { verbs: ["get", "delete"], apiGroups: [""], resources: ["secrets"] };
const merge = { "content-type": "application/merge-patch+json" };
const apply = { "content-type": "application/apply-patch+yaml" };

describe("roles", () => {
  it("grant what their writer holds", async () => {
    expect(await answerTo(editor, "POST", `${rbac}/clusterroles`, role("pods", [readPods]))).toEqual([201]);
    expect(
      await answerTo(editor, "PUT", `${here}/roles/pods`, role("pods", [{ ...readPods, resourceNames: ["a"] }])),
    ).toEqual([201]);
  });

  it.each<[string, Method, string, object, Record<string, string>]>([
    ["created", "POST", "", role("more", [readPods, deleteSecrets]), {}],
    ["created in a dry run", "POST", "?dryRun=All", role("more", [readPods, deleteSecrets]), {}],
    ["made by an update", "PUT", "/more", role("more", [readPods, deleteSecrets]), {}],
    [
      "made by an apply",
      "PATCH",
      "/more?fieldManager=me",
      { apiVersion: `${apiGroup}/v1`, kind: "ClusterRole", ...role("more", [deleteSecrets]) },
      apply,
    ],
  ])("do not grant more when %s", async (_how, method, rest, body, headers) => {
    expect(await answerTo(editor, method, `${rbac}/clusterroles${rest}`, body, headers)).toEqual([
      403,
      `clusterroles.${apiGroup} "more" is forbidden: ${grants}{APIGroups:[""], Resources:["secrets"], Verbs:["get" "delete"]}`,
    ]);
  });

  it("do not grant more when patched, and may still lose a finalizer", async () => {
    await trial.ok("POST", `${rbac}/clusterroles`, {
      ...role("strong", [deleteSecrets]),
      metadata: { name: "strong", finalizers: ["a.b/c"] },
    });
    const url = `${rbac}/clusterroles/strong`;
    const [code, message] = await answerTo(editor, "PATCH", url, { metadata: { labels: { a: "b" } } }, merge);
    expect([code, message]).toEqual([403, expect.stringContaining(`"strong" is forbidden: ${grants}`)]);
    expect(await answerTo(editor, "PATCH", url, { metadata: { finalizers: null } }, merge)).toEqual([200]);
  });

  it("tell paths and names that are missing", async () => {
    const rules = [
      { verbs: ["get"], nonResourceURLs: ["/metrics", "/logs/*"] },
      { verbs: ["get"], apiGroups: ["", "apps"], resources: ["secrets"], resourceNames: ["a"] },
    ];
    expect(await answerTo(editor, "POST", `${rbac}/clusterroles`, role("more", rules))).toEqual([
      403,
      `clusterroles.${apiGroup} "more" is forbidden: ${grants}` +
        [
          '{APIGroups:[""], Resources:["secrets"], ResourceNames:["a"], Verbs:["get"]}',
          '{APIGroups:["apps"], Resources:["secrets"], ResourceNames:["a"], Verbs:["get"]}',
          '{NonResourceURLs:["/logs/*"], Verbs:["get"]}',
          '{NonResourceURLs:["/metrics"], Verbs:["get"]}',
        ].join("\n"),
    ]);
  });

  it("grant anything where their writer may escalate them", async () => {
    const url = `${rbac}/clusterroles`;
    expect(await answerTo(trusted, "PUT", `${url}/free`, role("free", [deleteSecrets]))).toEqual([200]);
    expect((await answerTo(trusted, "POST", url, role("other", [deleteSecrets])))[0]).toBe(403);
  });

  it("aggregate others only for who may do everything", async () => {
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] };
    const body = { ...role("sum", []), aggregationRule };
    expect(await answerTo(editor, "POST", `${rbac}/clusterroles`, body)).toEqual([
      403,
      `clusterroles.${apiGroup} "sum" is forbidden: must have cluster-admin privileges to use the aggregationRule`,
    ]);
    await trial.ok("POST", `${rbac}/clusterroles`, body);
    const [code] = await answerTo(editor, "PUT", `${rbac}/clusterroles/sum`, role("sum", []));
    expect(code).toBe(403);
  });

  it("of absurd size are refused without looking at them", async () => {
    const many = Array.from({ length: 100 }, (_, at) => `r${at}`);
    const rules = [{ verbs: many, apiGroups: many, resources: many }];
    expect((await answerTo(editor, "POST", `${rbac}/clusterroles`, role("vast", rules)))[1]).toContain(
      "the rules name more than 100000 combinations of what they grant",
    );
  });
});

describe("bindings", () => {
  const joe = ["User", "joe"] as const;

  it("bind what their writer holds", async () => {
    expect(await answerTo(editor, "POST", `${rbac}/clusterrolebindings`, bound("a", "editing", joe))).toEqual([201]);
    expect(await answerTo(editor, "POST", `${here}/rolebindings`, bound("a", "editing", joe))).toEqual([201]);
  });

  it("bind nothing more, nor what is not there", async () => {
    expect(await answerTo(editor, "POST", `${here}/rolebindings`, bound("b", "owner", joe))).toEqual([
      403,
      `rolebindings.${apiGroup} "b" is forbidden: ${grants}{APIGroups:["*"], Resources:["*"], Verbs:["*"]}`,
    ]);
    expect(await answerTo(editor, "POST", `${here}/rolebindings`, bound("b", "lost", joe))).toEqual([
      404,
      `clusterroles.${apiGroup} "lost" not found`,
    ]);
    expect(await answerTo(editor, "POST", `${here}/rolebindings`, bound("b", "lost", joe, "Role"))).toEqual([
      404,
      `roles.${apiGroup} "lost" not found`,
    ]);
  });

  it("bind anything that their writer may bind, in that place", async () => {
    expect(await answerTo(trusted, "POST", `${rbac}/clusterrolebindings`, bound("c", "owner", joe))).toEqual([201]);
    expect((await answerTo(trusted, "POST", `${rbac}/clusterrolebindings`, bound("d", "trust", joe)))[0]).toBe(201);
    await trial.ok("DELETE", `${rbac}/clusterrolebindings/c`);
  });

  it("count for the very next request, and no longer than they are there", async () => {
    const url = "/api/v1/namespaces/default/secrets";
    const joes: UserInfo = { name: "joe", groups: [] };
    const may = async (): Promise<number> => (await trial.send("GET", url, { user: joes })).status;
    expect(await may()).toBe(403);
    await trial.ok("POST", `${here}/rolebindings`, bound("now", "owner", joe));
    expect(await may()).toBe(200);
    await trial.ok("DELETE", `${here}/rolebindings/now`);
    expect(await may()).toBe(403);
  });
});

it("an update that makes an object needs the permission to create it", async () => {
  const config = { verbs: ["update", "patch"], apiGroups: ["coordination.k8s.io"], resources: ["leases"] };
  await trial.ok("POST", `${here}/roles`, role("updating", [config]));
  await trial.ok("POST", `${here}/rolebindings`, bound("updating", "updating", ["User", "updater"], "Role"));
  const url = "/apis/coordination.k8s.io/v1/namespaces/default/leases/x";
  const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "x" } };
  const updater: UserInfo = { name: "updater", groups: [] };
  const refused = [
    403,
    'leases.coordination.k8s.io "x" is forbidden: User "updater" cannot create resource "leases" in API group "coordination.k8s.io" in the namespace "default"',
  ];
  expect(await answerTo(updater, "PUT", url, lease)).toEqual(refused);
  expect(await answerTo(updater, "PATCH", `${url}?fieldManager=me`, lease, apply)).toEqual(refused);
  await trial.ok("PUT", url, lease);
  expect(await answerTo(updater, "PATCH", url, { spec: { holderIdentity: "me" } }, merge)).toEqual([200]);
});
