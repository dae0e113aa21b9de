import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ClusterRole, ClusterRoleBinding } from "../../api/generated/types/rbac-v1.ts";
import type { KubeObject } from "../../api/machinery/object.ts";
import type { Transport } from "../../api/wire.ts";
import { silentLogger } from "../../base/log.ts";
import { call } from "../../client/call.ts";
import { apiServerOnly, createCluster, type TestCluster } from "../testing.ts";
import { rbacObjects } from "./rbac.ts";
import { reconcileRbac } from "./reconcile-rbac.ts";

const base = "/apis/rbac.authorization.k8s.io/v1";
const merge = "application/merge-patch+json";
let cluster: TestCluster;
let transport: Transport;
const asked: string[] = [];

beforeAll(async () => {
  cluster = await createCluster(apiServerOnly);
  transport = cluster.as({ name: "system:apiserver", groups: ["system:masters"] });
});

afterAll(() => cluster[Symbol.asyncDispose]());

/** A start of a server, as far as roles and bindings go; tells what it wrote. */
async function start(): Promise<readonly string[]> {
  asked.length = 0;
  await reconcileRbac({
    transport: (request) => {
      asked.push(`${request.method} ${request.url.replace(`${base}/`, "")}`);
      return transport(request);
    },
    pathOf: ({ kind = "", metadata }) => {
      const plural = `${kind.toLowerCase()}s`;
      return metadata?.namespace === undefined
        ? `${base}/${plural}`
        : `${base}/namespaces/${metadata.namespace}/${plural}`;
    },
    log: silentLogger,
  });
  return asked.filter((request) => !request.startsWith("GET"));
}

function get<T extends KubeObject>(path: string): Promise<T> {
  return call<T>(transport, { method: "GET", url: `${base}/${path}` });
}

async function patch(path: string, body: object): Promise<void> {
  await call(transport, { method: "PATCH", url: `${base}/${path}`, contentType: merge, body });
}

async function remove(path: string): Promise<void> {
  await call(transport, { method: "DELETE", url: `${base}/${path}` });
}

describe("at every start", () => {
  it("nothing is written where nothing is missing, after one list for each place", async () => {
    expect(rbacObjects().length).toBeGreaterThan(130);
    expect(await start()).toEqual([]);
    expect(asked).toHaveLength(new Set(asked).size);
    expect(asked.length).toBeLessThanOrEqual(6);
  });

  it("what is gone is made again", async () => {
    await Promise.all([
      remove("clusterroles/system:basic-user"),
      remove("clusterrolebindings/system:basic-user"),
      remove("namespaces/kube-system/roles/system::leader-locking-kube-scheduler"),
    ]);
    expect((await start()).toSorted()).toEqual([
      "POST clusterrolebindings",
      "POST clusterroles",
      "POST namespaces/kube-system/roles",
    ]);
    expect(await start()).toEqual([]);
  });

  it("rules and labels that are missing are added, those of users kept", async () => {
    const added = { verbs: ["get"], apiGroups: ["example.com"], resources: ["widgets"] };
    await patch("clusterroles/system:kube-dns", {
      metadata: { labels: { "kubernetes.io/bootstrapping": null, own: "label" } },
      rules: [added],
    });
    // Without its label it is not found at first.
    expect(await start()).toEqual(["POST clusterroles", "PUT clusterroles/system%3Akube-dns"]);
    const { metadata, rules } = await get<ClusterRole>("clusterroles/system:kube-dns");
    expect(metadata?.labels).toEqual({ "kubernetes.io/bootstrapping": "rbac-defaults", own: "label" });
    expect(rules?.[0]).toEqual(added);
    const single = (resource: string) => (verb: string) => ({ verbs: [verb], apiGroups: [""], resources: [resource] });
    expect(rules?.slice(1)).toEqual(
      expect.arrayContaining(
        ["list", "watch"].flatMap((verb) => ["endpoints", "services"].map((of) => single(of)(verb))),
      ),
    );
    expect(await start()).toEqual([]);
  });

  it("what a role aggregates is completed, and what it has gathered is kept", async () => {
    const own = { matchLabels: { own: "label" } };
    const gathered = { verbs: ["get"], apiGroups: [""], resources: ["pods"] };
    await patch("clusterroles/view", { aggregationRule: { clusterRoleSelectors: [own] }, rules: [gathered] });
    expect(await start()).toEqual(["PUT clusterroles/view"]);
    const { aggregationRule, rules } = await get<ClusterRole>("clusterroles/view");
    expect(aggregationRule?.clusterRoleSelectors).toEqual([
      own,
      { matchLabels: { "rbac.authorization.k8s.io/aggregate-to-view": "true" } },
    ]);
    expect(rules).toEqual([gathered]);
  });

  it("subjects that are missing are added, those of users kept", async () => {
    const joe = { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "joe" };
    await patch("clusterrolebindings/system:discovery", { subjects: [joe] });
    expect(await start()).toEqual(["PUT clusterrolebindings/system%3Adiscovery"]);
    const { subjects } = await get<ClusterRoleBinding>("clusterrolebindings/system:discovery");
    expect(subjects).toEqual([joe, expect.objectContaining({ kind: "Group", name: "system:authenticated" })]);
  });

  it("a binding of another role is made anew", async () => {
    const path = "clusterrolebindings/system:node-proxier";
    const { roleRef, ...rest } = await get<ClusterRoleBinding>(path);
    await remove(path);
    const { name = "", labels = {} } = rest.metadata ?? {};
    const other = { metadata: { name, labels }, roleRef: { ...roleRef, name: "cluster-admin" }, subjects: [] };
    await call(transport, { method: "POST", url: `${base}/clusterrolebindings`, body: other });
    expect(await start()).toEqual(["DELETE clusterrolebindings/system%3Anode-proxier", "POST clusterrolebindings"]);
    const anew = await get<ClusterRoleBinding>(path);
    expect([anew.roleRef, anew.subjects]).toEqual([roleRef, rest.subjects]);
  });

  it("what its owner looks after himself is left alone", async () => {
    const annotations = { "rbac.authorization.kubernetes.io/autoupdate": "false" };
    await patch("clusterroles/edit", { metadata: { annotations }, aggregationRule: null, rules: [] });
    await patch("clusterrolebindings/system:monitoring", { metadata: { annotations }, subjects: null });
    expect(await start()).toEqual([]);
  });
});
