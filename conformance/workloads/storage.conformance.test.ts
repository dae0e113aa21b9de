import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isOwnCluster } from "../target.ts";
import { pod, workload } from "./objects.ts";
import { openWorkplace, type Workplace } from "./workplace.ts";

const claim = (name: string, spec: object = {}): object => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
});
const using = (claimName: string, spec: object = {}): object => ({
  container: { volumeMounts: [{ name: "data", mountPath: "/data" }] },
  spec: { volumes: [{ name: "data", persistentVolumeClaim: { claimName } }], ...spec },
});

/** Claims, and the volumes they get, of the class that our own cluster has by default. */
describe.runIf(isOwnCluster)("storage", () => {
  let stage: Workplace;
  beforeAll(async () => {
    stage = await openWorkplace("storage");
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const clear = async (): Promise<void> => {
    await stage.ok("delete", "statefulsets,pods", "--all", "--cascade=foreground");
    await stage.ok("delete", "pvc", "--all");
  };
  const gone = (...args: readonly string[]): Promise<string> =>
    stage.ok("wait", "--for=delete", ...args, "--timeout=35s");
  const volumeOf = (name: string): Promise<string> => stage.value(`pvc/${name}`, ".spec.volumeName");

  test("there is a class by default, that waits for who uses a volume", async () => {
    const rows = await stage.rows("storageclass");
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatch(/^\S+ \(default\) \| \S+ \| Delete \| WaitForFirstConsumer \| (?:true|false) \|/);
  });

  test("a claim waits for its first consumer, and is bound where that one goes", async () => {
    await stage.create(claim("data"));
    expect((await stage.rows("pvc", "data"))[0]).toMatch(/^data \| Pending \|/);
    await stage.untilEvent("pvc/data", "waiting for first consumer to be created before binding");
    expect(await stage.events("pvc/data")).toEqual([
      "Normal | WaitForFirstConsumer | persistentvolume-controller | waiting for first consumer to be created before binding",
    ]);
    await stage.create(pod("writer", using("data", { nodeSelector: { "kubernetes.io/hostname": "node-1" } })));
    await stage.untilIs("pod/writer", "Ready");
    const volume = await volumeOf("data");
    expect((await stage.rows("pvc", "data"))[0]).toMatch(
      new RegExp(String.raw`^data \| Bound \| ${volume} \| 1Gi \| RWO \|`),
    );
    expect((await stage.rows("pv", volume))[0]).toMatch(
      new RegExp(String.raw`^${volume} \| 1Gi \| RWO \| Delete \| Bound \| ${stage.namespace}/data \|`),
    );
    expect(await stage.ok("describe", "pv", volume)).toMatch(/kubernetes\.io\/hostname in \[node-1\]/);
    expect((await stage.events("pvc/data")).map((line) => line.split(" | ")[1])).toEqual(
      expect.arrayContaining(["WaitForFirstConsumer", "ProvisioningSucceeded"]),
    );
  });

  test("a claim in use goes when nobody uses it any more, and its volume with it", async () => {
    const volume = await volumeOf("data");
    await stage.ok("delete", "pvc", "data", "--wait=false");
    expect((await stage.rows("pvc", "data"))[0]).toMatch(/^data \| Terminating \|/);
    expect(await stage.value("pvc/data", ".metadata.finalizers")).toContain("kubernetes.io/pvc-protection");
    await stage.ok("delete", "pod", "writer");
    await gone("pvc/data");
    await gone(`pv/${volume}`);
  });

  test("a pod follows its volume to the node", async () => {
    await stage.create(
      claim("home"),
      pod("first", using("home", { nodeSelector: { "kubernetes.io/hostname": "node-2" } })),
    );
    await stage.untilIs("pod/first", "Ready");
    await stage.ok("delete", "pod", "first");
    await stage.create(pod("second", using("home")));
    await stage.untilIs("pod/second", "Ready");
    expect(await stage.value("pod/second", ".spec.nodeName")).toBe("node-2");
    await stage.create(pod("stuck", using("home", { nodeSelector: { "kubernetes.io/hostname": "node-0" } })));
    await stage.untilEvent("pod/stuck", "FailedScheduling");
    const [line = ""] = (await stage.events("pod/stuck")).slice(-1);
    expect(line).toContain("1 node(s) didn't match PersistentVolume's node affinity");
    await stage.create(pod("lost", using("nothing")));
    await stage.untilEvent("pod/lost", 'persistentvolumeclaim "nothing" not found');
    await clear();
  });

  test("a volume made by hand is found by a claim, and kept when it is released", async () => {
    await stage.create({
      ...{ apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "conformance-by-hand" } },
      spec: {
        ...{ capacity: { storage: "5Gi" }, accessModes: ["ReadWriteOnce"], storageClassName: "" },
        ...{ persistentVolumeReclaimPolicy: "Retain", hostPath: { path: "/mnt/by-hand" } },
      },
    });
    await stage.until("pv/conformance-by-hand", ".status.phase", "Available");
    await stage.create(claim("static", { storageClassName: "" }));
    await stage.until("pvc/static", ".status.phase", "Bound");
    expect(await volumeOf("static")).toBe("conformance-by-hand");
    expect(await stage.value("pvc/static", ".status.capacity.storage")).toBe("5Gi");
    await stage.ok("delete", "pvc", "static");
    await stage.until("pv/conformance-by-hand", ".status.phase", "Released");
    await stage.ok("patch", "pv", "conformance-by-hand", "--type=merge", "-p", '{"spec":{"claimRef":null}}');
    await stage.until("pv/conformance-by-hand", ".status.phase", "Available");
    await stage.ok("delete", "pv", "conformance-by-hand");
  });

  test("a stateful set keeps the claim of each of its pods, or lets it go as it is told", async () => {
    const template = { metadata: { name: "data" }, spec: (claim("data") as { spec: object }).spec };
    const spec = { serviceName: "db", replicas: 2, volumeClaimTemplates: [template] };
    const container = { volumeMounts: [{ name: "data", mountPath: "/data" }] };
    await stage.create(workload("StatefulSet", "db", spec, { container }));
    await stage.ok("rollout", "status", "statefulset/db", "--timeout=35s");
    expect(await stage.ok("get", "pvc", "-o", "name")).toBe(
      "persistentvolumeclaim/data-db-0\npersistentvolumeclaim/data-db-1\n",
    );
    const volume = await volumeOf("data-db-1");
    await stage.ok("scale", "statefulset", "db", "--replicas=1");
    await gone("pod/db-1");
    await stage.ok("scale", "statefulset", "db", "--replicas=2");
    await stage.ok("rollout", "status", "statefulset/db", "--timeout=35s");
    expect(await volumeOf("data-db-1")).toBe(volume);
    await stage.ok(
      ...["patch", "statefulset", "db", "--type=merge", "-p"],
      '{"spec":{"persistentVolumeClaimRetentionPolicy":{"whenScaled":"Delete","whenDeleted":"Retain"}}}',
    );
    await stage.ok("scale", "statefulset", "db", "--replicas=1");
    await gone("pvc/data-db-1");
    await stage.ok("delete", "statefulset", "db", "--cascade=foreground");
    expect(await stage.ok("get", "pvc", "-o", "name")).toBe("persistentvolumeclaim/data-db-0\n");
    await clear();
    await gone("pv", "--all");
  });
});
