import { describe, expect, it } from "vitest";
import type { Status } from "../../api/machinery/status.ts";
import type { UserInfo } from "../../api/wire.ts";
import { parsed, startTrial, type Method, type Trial } from "../trial.testing.ts";

const node = (name: string): UserInfo => ({
  name: `system:node:${name}`,
  groups: ["system:nodes", "system:authenticated"],
});
const namespaced = "/api/v1/namespaces/default";

interface Pod {
  readonly name: string;
  readonly nodeName?: string;
  readonly secret?: string;
  readonly claim?: string;
}

async function createPod(trial: Trial, { name, nodeName, secret, claim }: Pod): Promise<string> {
  const volumes = [
    ...(secret === undefined ? [] : [{ name: "s", secret: { secretName: secret } }]),
    ...(claim === undefined ? [] : [{ name: "c", persistentVolumeClaim: { claimName: claim } }]),
  ];
  const containers = [{ name: "c", image: "i" }];
  const spec = { containers, volumes, ...(nodeName === undefined ? {} : { nodeName }) };
  const { metadata } = await trial.ok("POST", `${namespaced}/pods`, { metadata: { name }, spec });
  return metadata?.uid ?? "";
}

async function asNode(
  trial: Trial,
  name: string,
  method: Method,
  url: string,
  body?: object,
): Promise<readonly [number, string]> {
  const headers = method === "PATCH" ? { "content-type": "application/merge-patch+json" } : {};
  const answer = await trial.send(method, url, { user: node(name), headers, ...(body === undefined ? {} : { body }) });
  return [answer.status, answer.status < 400 ? "" : (parsed<Status>(answer.bytes).message ?? "")];
}

const unrelated = (kind: string, name: string, by: string): string =>
  `${kind} "${name}" is forbidden: User "system:node:${by}" cannot get resource "${kind}" in API group "" in the namespace "default": no relationship found between node '${by}' and this object`;

describe("a node", () => {
  it("reads what its pods need, as long as they do", async () => {
    await using trial = await startTrial();
    for (const name of ["mine", "late"]) await trial.ok("POST", `${namespaced}/secrets`, { metadata: { name } });
    await createPod(trial, { name: "a", nodeName: "one", secret: "mine" });
    const secret = (by: string, name = "mine"): Promise<readonly [number, string]> =>
      asNode(trial, by, "GET", `${namespaced}/secrets/${name}`);
    expect(await secret("one")).toEqual([200, ""]);
    expect(await secret("two")).toEqual([403, unrelated("secrets", "mine", "two")]);
    expect(await secret("one", "late")).toEqual([403, unrelated("secrets", "late", "one")]);
    await createPod(trial, { name: "b", secret: "late" });
    expect((await secret("one", "late"))[0]).toBe(403);
    const binding = { metadata: { name: "b" }, target: { kind: "Node", name: "one" } };
    await trial.ok("POST", `${namespaced}/pods/b/binding`, binding);
    expect(await secret("one", "late")).toEqual([200, ""]);
    for (const name of ["a", "b"]) await trial.ok("DELETE", `${namespaced}/pods/${name}?gracePeriodSeconds=0`);
    expect((await secret("one"))[0]).toBe(403);
    expect((await secret("one", "late"))[0]).toBe(403);
  });

  it("lists and watches by name, and its own pods", async () => {
    await using trial = await startTrial();
    await trial.ok("POST", `${namespaced}/configmaps`, { metadata: { name: "mine" } });
    const spec = {
      nodeName: "one",
      containers: [{ name: "c", image: "i", envFrom: [{ configMapRef: { name: "mine" } }] }],
    };
    await trial.ok("POST", `${namespaced}/pods`, { metadata: { name: "a" }, spec });
    const list = (url: string): Promise<readonly [number, string]> => asNode(trial, "one", "GET", url);
    expect(await list(`${namespaced}/configmaps?fieldSelector=metadata.name%3Dmine`)).toEqual([200, ""]);
    const other = await list(`${namespaced}/configmaps?fieldSelector=metadata.name%3Dother`);
    expect(other[1]).toBe(unrelated("configmaps", "other", "one").replace("cannot get", "cannot list"));
    expect((await list(`${namespaced}/configmaps`))[1]).toContain("No Object name found");
    expect((await list(`${namespaced}/configmaps?fieldSelector=metadata.name%21%3Dmine`))[0]).toBe(403);
    expect(await list("/api/v1/pods?fieldSelector=spec.nodeName%3Done")).toEqual([200, ""]);
    const pods = await list("/api/v1/pods?fieldSelector=spec.nodeName%3Dtwo");
    expect(pods).toEqual([
      403,
      'pods is forbidden: User "system:node:one" cannot list resource "pods" in API group "" at the cluster scope: can only list/watch pods with spec.nodeName field selector',
    ]);
    expect((await list("/api/v1/pods?fieldSelector=nonsense"))[0]).toBe(403);
    const watch = await trial.watch("/api/v1/pods?watch=1&fieldSelector=spec.nodeName%3Done", { user: node("one") });
    expect((await watch.next(1))[0]?.object.metadata?.name).toBe("a");
  });

  it("follows a claim to its volume and that volume's secrets", async () => {
    await using trial = await startTrial();
    const csi = { driver: "d", volumeHandle: "h", nodeStageSecretRef: { namespace: "default", name: "stage" } };
    const spec = { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], csi };
    await trial.ok("POST", "/api/v1/persistentvolumes", { metadata: { name: "pv" }, spec });
    await trial.ok("POST", `${namespaced}/secrets`, { metadata: { name: "stage" } });
    await createPod(trial, { name: "a", nodeName: "one", claim: "data" });
    const reads = async (): Promise<readonly number[]> =>
      Promise.all(
        ["/api/v1/persistentvolumes/pv", `${namespaced}/secrets/stage`].map(
          async (url) => (await asNode(trial, "one", "GET", url))[0],
        ),
      );
    expect(await reads()).toEqual([403, 403]);
    await trial.ok(
      "PATCH",
      "/api/v1/persistentvolumes/pv",
      { spec: { claimRef: { namespace: "default", name: "data" } } },
      { "content-type": "application/merge-patch+json" },
    );
    expect(await reads()).toEqual([200, 200]);
  });

  it("writes of itself only", async () => {
    await using trial = await startTrial();
    const nodes = "/api/v1/nodes";
    const by = (method: Method, url: string, body?: object): Promise<readonly [number, string]> =>
      asNode(trial, "one", method, url, body);
    expect(await by("POST", nodes, { metadata: { name: "one" } })).toEqual([201, ""]);
    await trial.ok("POST", nodes, { metadata: { name: "two" } });
    expect(await by("POST", nodes, { metadata: { name: "three" } })).toEqual([
      403,
      'nodes "three" is forbidden: node "one" is not allowed to modify node "three"',
    ]);
    expect(await by("PATCH", `${nodes}/one`, { metadata: { labels: { "node-role.kubernetes.io/x": "" } } })).toEqual([
      403,
      'nodes "one" is forbidden: is not allowed to modify labels: node-role.kubernetes.io/x',
    ]);
    expect(await by("PATCH", `${nodes}/one`, { metadata: { labels: { "example.com/x": "" } } })).toEqual([200, ""]);
    expect(await by("PATCH", `${nodes}/one/status`, { status: { phase: "Running" } })).toEqual([200, ""]);
    expect((await by("PATCH", `${nodes}/two/status`, { status: { phase: "Running" } }))[1]).toBe(
      'nodes "two" is forbidden: node "one" is not allowed to modify node "two"',
    );
    expect((await by("GET", `${nodes}/two`))[1]).toContain("node 'one' cannot read 'two', only its own Node object");
    expect((await by("DELETE", `${nodes}/one`))[0]).toBe(403);
  });

  it("gets tokens for its own pods", async () => {
    await using trial = await startTrial();
    await trial.ok("POST", `${namespaced}/serviceaccounts`, { metadata: { name: "builder" } });
    await trial.ok("POST", "/api/v1/nodes", { metadata: { name: "one" } });
    const projected = { sources: [{ serviceAccountToken: { path: "t", audience: "vault" } }] };
    const spec = {
      nodeName: "one",
      serviceAccountName: "builder",
      containers: [{ name: "c", image: "i" }],
      volumes: [{ name: "t", projected }],
    };
    const { metadata } = await trial.ok("POST", `${namespaced}/pods`, { metadata: { name: "a" }, spec });
    const boundObjectRef = { apiVersion: "v1", kind: "Pod", name: "a", uid: metadata?.uid };
    const ask = (by: string, request: object): Promise<readonly [number, string]> =>
      asNode(trial, by, "POST", `${namespaced}/serviceaccounts/builder/token`, { spec: request });
    expect(await ask("one", { audiences: ["vault"], boundObjectRef })).toEqual([201, ""]);
    expect((await ask("one", { audiences: ["vault"] }))[1]).toBe(
      'serviceaccounts "builder" is forbidden: node requested token not bound to a pod',
    );
    expect((await ask("one", { audiences: ["bank"], boundObjectRef }))[1]).toContain('audience "bank" not found');
    expect((await ask("two", { audiences: ["vault"], boundObjectRef }))[1]).toContain("no relationship found");
  });
});
