import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Manifest } from "../manifests.ts";
import { minors, openStage, type Stage } from "./stage.ts";
import { holdFinalizer } from "./subject.ts";

interface Deletable {
  readonly uid: string;
  readonly finalizers?: readonly string[];
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly ownerReferences?: readonly object[];
}

describe.each(minors)("kubectl 1.%i deletes", (minor) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(minor, "deleting");
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const metaOf = ({ metadata }: Manifest): Deletable => metadata as unknown as Deletable;
  const make = async (manifest: object): Promise<Manifest> =>
    JSON.parse(
      await stage.kubectl.ok(["create", "-n", stage.namespace, "-f", "-", "-o", "json"], {
        stdin: JSON.stringify(manifest),
      }),
    ) as Manifest;
  const configMap = (name: string, metadata: object = {}): Promise<Manifest> =>
    make({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...metadata } });
  const release = (name: string): Promise<string> =>
    stage.ok("patch", "configmap", name, "--type=merge", "-p", '{"metadata":{"finalizers":null}}');
  const until = (object: string, condition: string): Promise<string> =>
    stage.ok("wait", object, `--for=${condition}`, "--timeout=30s");

  /** An owner and its child, which we hold on to until we have looked. */
  async function family(name: string): Promise<void> {
    const { uid } = metaOf(await configMap(name));
    const owner = { apiVersion: "v1", kind: "ConfigMap", name, uid, blockOwnerDeletion: true };
    await configMap(`${name}-child`, { ownerReferences: [owner], finalizers: [holdFinalizer] });
  }

  test("in the foreground: the owner waits for its dependents", async () => {
    await family("fore");
    await using deleting = stage.kubectl.start([
      "delete",
      "configmap",
      "fore",
      "--cascade=foreground",
      "-n",
      stage.namespace,
    ]);
    await until("configmap/fore-child", "jsonpath={.metadata.deletionTimestamp}");
    const { finalizers, deletionTimestamp } = metaOf(await stage.json("get", "configmap", "fore"));
    expect(finalizers).toEqual(["foregroundDeletion"]);
    expect(deletionTimestamp).toMatch(/Z$/);
    await release("fore-child");
    await deleting.ended();
    expect(await stage.ok("get", "configmaps", "fore", "fore-child", "--ignore-not-found")).toBe("");
  });

  test("orphaning: the dependents stay", async () => {
    await family("orphan");
    await stage.ok("delete", "configmap", "orphan", "--cascade=orphan");
    const child = metaOf(await stage.json("get", "configmap", "orphan-child"));
    expect(child.deletionTimestamp).toBeUndefined();
    expect(child.ownerReferences).toBeUndefined();
    await release("orphan-child");
  });

  test("in the background: the owner goes at once, and its dependents follow", async () => {
    await family("back");
    expect(await stage.ok("delete", "configmap", "back", "--cascade=background")).toMatch(/^configmap "back" deleted/);
    await until("configmap/back-child", "jsonpath={.metadata.deletionTimestamp}");
    await release("back-child");
    await until("configmap/back-child", "delete");
  });

  test("a deployment with all that it made", async () => {
    const made = (): Promise<string> => stage.ok("get", "replicasets,pods", "-l", "app=cascade", "-o", "name");
    await stage.ok("create", "deployment", "cascade", "--image=registry.k8s.io/pause:3.10", "--replicas=2");
    await until("deployment/cascade", "condition=Available");
    await stage.ok("delete", "deployment", "cascade", "--cascade=orphan");
    expect((await made()).split("\n").filter((line) => line !== "")).toHaveLength(3);
    await stage.ok("delete", "replicasets", "-l", "app=cascade", "--cascade=foreground");
    expect(await made()).toBe("");
  });

  test("a pod that has a node gets its grace period, which can be cut short", async () => {
    const spec = {
      nodeName: "conformance-absent",
      automountServiceAccountToken: false,
      containers: [{ name: "app", image: "registry.example/app:1" }],
    };
    await make({ apiVersion: "v1", kind: "Pod", metadata: { name: "graceful", finalizers: [holdFinalizer] }, spec });
    const read = async (): Promise<Deletable> => metaOf(await stage.json("get", "pod", "graceful"));
    await stage.ok("delete", "pod", "graceful", "--wait=false");
    expect((await read()).deletionGracePeriodSeconds).toBe(30);
    await stage.ok("delete", "pod", "graceful", "--wait=false", "--grace-period=5");
    expect((await read()).deletionGracePeriodSeconds).toBe(5);
    await stage.ok("delete", "pod", "graceful", "--wait=false", "--now");
    expect((await read()).deletionGracePeriodSeconds).toBe(1);
    const forced = await stage.ok("delete", "pod", "graceful", "--grace-period=0", "--force", "--wait=false");
    expect(forced).toMatch(/^pod "graceful" force deleted/);
    await stage.ok("patch", "pod", "graceful", "--type=merge", "-p", '{"metadata":{"finalizers":null}}');
    await stage.kubectl.ok(["wait", "--for=delete", "pod/graceful", "-n", stage.namespace, "--timeout=30s"]);
  });

  test("by several names, by label, by field, all, dry", async () => {
    for (const name of ["one", "two", "three", "four"]) await configMap(name, { labels: { set: "numbers" } });
    expect(await stage.ok("delete", "configmap", "one", "two", "--dry-run=server")).toMatch(
      /^configmap "one" deleted.*\(server dry run\)$/m,
    );
    expect(await stage.ok("get", "configmaps", "-l", "set=numbers", "-o", "name")).toBe(
      "configmap/four\nconfigmap/one\nconfigmap/three\nconfigmap/two\n",
    );
    await stage.ok("delete", "configmap", "one", "two");
    await stage.ok("delete", "configmap", "--field-selector=metadata.name=three");
    await stage.ok("delete", "configmap", "-l", "set=numbers");
    expect(await stage.ok("get", "configmaps", "-l", "set=numbers", "-o", "name")).toBe("");
    await configMap("five");
    await stage.ok("create", "secret", "generic", "six");
    const all = await stage.ok("delete", "configmaps,secrets", "--all");
    expect(all).toMatch(/^configmap "five" deleted/m);
    expect(all).toMatch(/^secret "six" deleted/m);
  });

  test("what is not there", async () => {
    expect(await stage.refused("delete", "configmap", "absent")).toBe(
      'Error from server (NotFound): configmaps "absent" not found\n',
    );
    expect(await stage.ok("delete", "configmap", "absent", "--ignore-not-found")).toBe("");
  });

  test("raw, and the whole collection", async () => {
    const path = `/api/v1/namespaces/${stage.namespace}/configmaps`;
    await configMap("raw");
    expect(JSON.parse(await stage.kubectl.ok(["delete", "--raw", `${path}/raw`]))).toMatchObject({
      kind: "Status",
      status: "Success",
      details: { name: "raw", kind: "configmaps", uid: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    await configMap("raw-one", { labels: { raw: "yes" } });
    await configMap("raw-two", { labels: { raw: "yes" } });
    await stage.kubectl.ok(["delete", "--raw", `${path}?labelSelector=raw%3Dyes`]);
    expect(await stage.ok("get", "configmaps", "-l", "raw=yes", "-o", "name")).toBe("");
  });

  test("a namespace becomes Terminating, takes nothing new, and goes with all that is in it; default stays", async () => {
    const name = `conformance-leaving-${stage.run}`;
    const manifest = { apiVersion: "v1", kind: "Namespace", metadata: { name, finalizers: [holdFinalizer] } };
    await stage.kubectl.ok(["create", "-f", "-"], { stdin: JSON.stringify(manifest) });
    await stage.kubectl.ok(["create", "configmap", "early", "-n", name]);
    await stage.kubectl.ok(["delete", "namespace", name, "--wait=false"]);
    expect(await stage.kubectl.ok(["get", "namespace", name, "-o", "jsonpath={.status.phase}"])).toBe("Terminating");
    const refused = await stage.kubectl.exits(1, ["create", "configmap", "late", "-n", name]);
    expect(refused.stderr).toContain(
      `configmaps "late" is forbidden: unable to create new content in namespace ${name} because it is being terminated`,
    );
    await stage.kubectl.ok(["wait", "--for=delete", "configmap/early", "-n", name, "--timeout=30s"]);
    await stage.kubectl.ok(["patch", "namespace", name, "--type=merge", "-p", '{"metadata":{"finalizers":null}}']);
    await stage.kubectl.ok(["wait", "--for=delete", `namespace/${name}`, "--timeout=30s"]);
    const kept = await stage.kubectl.exits(1, ["delete", "namespace", "default"]);
    expect(kept.stderr).toBe(
      'Error from server (Forbidden): namespaces "default" is forbidden: this namespace may not be deleted\n',
    );
  });
});
