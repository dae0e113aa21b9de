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

  /** Both held, so that a garbage collector cannot finish before we look. */
  async function family(name: string): Promise<void> {
    const { uid } = metaOf(await configMap(name, { finalizers: [holdFinalizer] }));
    const owner = { apiVersion: "v1", kind: "ConfigMap", name, uid, blockOwnerDeletion: true };
    await configMap(`${name}-child`, { ownerReferences: [owner], finalizers: [holdFinalizer] });
  }

  test("in the foreground: the owner waits for its dependents", async () => {
    await family("fore");
    await stage.ok("delete", "configmap", "fore", "--cascade=foreground", "--wait=false");
    const { finalizers, deletionTimestamp } = metaOf(await stage.json("get", "configmap", "fore"));
    expect(finalizers).toEqual(expect.arrayContaining([holdFinalizer, "foregroundDeletion"]));
    expect(deletionTimestamp).toMatch(/Z$/);
    await release("fore-child");
    await release("fore");
  });

  test("orphaning: the dependents stay", async () => {
    await family("orphan");
    await stage.ok("delete", "configmap", "orphan", "--cascade=orphan", "--wait=false");
    const owner = metaOf(await stage.json("get", "configmap", "orphan"));
    expect(owner.deletionTimestamp).toMatch(/Z$/);
    const child = metaOf(await stage.json("get", "configmap", "orphan-child"));
    expect(child.deletionTimestamp).toBeUndefined();
    // Either nobody has looked yet, or the garbage collector has cut the tie and taken its finalizer away.
    expect(child.ownerReferences === undefined).toBe(!owner.finalizers?.includes("orphan"));
    await release("orphan");
    await release("orphan-child");
  });

  test("in the background: the owner goes at once", async () => {
    const { uid } = metaOf(await configMap("back"));
    const owner = { apiVersion: "v1", kind: "ConfigMap", name: "back", uid };
    await configMap("back-child", { ownerReferences: [owner], finalizers: [holdFinalizer] });
    expect(await stage.ok("delete", "configmap", "back", "--cascade=background")).toMatch(/^configmap "back" deleted/);
    expect(await stage.refused("get", "configmap", "back")).toContain("NotFound");
    expect(metaOf(await stage.json("get", "configmap", "back-child")).uid).not.toBe(uid);
    await release("back-child");
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

  test("a namespace becomes Terminating and takes nothing new; default stays", async () => {
    const name = `conformance-leaving-${stage.run}`;
    const manifest = { apiVersion: "v1", kind: "Namespace", metadata: { name, finalizers: [holdFinalizer] } };
    await stage.kubectl.ok(["create", "-f", "-"], { stdin: JSON.stringify(manifest) });
    await stage.kubectl.ok(["delete", "namespace", name, "--wait=false"]);
    expect(await stage.kubectl.ok(["get", "namespace", name, "-o", "jsonpath={.status.phase}"])).toBe("Terminating");
    const refused = await stage.kubectl.exits(1, ["create", "configmap", "late", "-n", name]);
    expect(refused.stderr).toContain(
      `configmaps "late" is forbidden: unable to create new content in namespace ${name} because it is being terminated`,
    );
    await stage.kubectl.ok(["patch", "namespace", name, "--type=merge", "-p", '{"metadata":{"finalizers":null}}']);
    const kept = await stage.kubectl.exits(1, ["delete", "namespace", "default"]);
    expect(kept.stderr).toBe(
      'Error from server (Forbidden): namespaces "default" is forbidden: this namespace may not be deleted\n',
    );
  });
});
