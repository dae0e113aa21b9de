import { describe, expect, it } from "vitest";
import type { PersistentVolume, PersistentVolumeClaim, Pod, Volume } from "../../api/generated/types/core-v1.ts";
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass } from "../../api/generated/types/storage-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Listers } from "../framework/listers.ts";
import { cycleOf, judge, listerOf, listers, node, pod, snapshotOf } from "../framework/stage.testing.ts";
import { defaultArgs } from "./args.ts";
import { createNodeVolumeLimits } from "./node-volume-limits.ts";
import type { VolumeBindingEffects } from "./volume-binding/effects.ts";
import { createVolumeBinding } from "./volume-binding/volume-binding.ts";
import { createVolumeRestrictions } from "./volume-restrictions.ts";
import { createVolumeZone } from "./volume-zone.ts";

const zone = "topology.kubernetes.io/zone";
const nodes = [node("a", { labels: { [zone]: "z1" } }), node("b", { labels: { [zone]: "z2" } })];

function claim(
  name: string,
  spec: PersistentVolumeClaim["spec"] = {},
  more: Partial<PersistentVolumeClaim> = {},
): PersistentVolumeClaim {
  return {
    metadata: { name, namespace: "default", uid: `uid-${name}`, resourceVersion: "1" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
    ...more,
  };
}
function bound(name: string, volumeName: string, spec: PersistentVolumeClaim["spec"] = {}): PersistentVolumeClaim {
  const made = claim(name, { volumeName, ...spec });
  return { ...made, metadata: { ...made.metadata, annotations: { "pv.kubernetes.io/bind-completed": "yes" } } };
}
function volume(
  name: string,
  spec: PersistentVolume["spec"] = {},
  metadata: PersistentVolume["metadata"] = {},
): PersistentVolume {
  return {
    metadata: { name, resourceVersion: "1", ...metadata },
    spec: { accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" }, storageClassName: "local", ...spec },
    status: { phase: "Available" },
  };
}
function inZone(value: string): NonNullable<PersistentVolume["spec"]> {
  return {
    nodeAffinity: {
      required: { nodeSelectorTerms: [{ matchExpressions: [{ key: zone, operator: "In", values: [value] }] }] },
    },
  };
}
function storageClass(name: string, more: Partial<StorageClass> = {}): StorageClass {
  return { metadata: { name }, provisioner: "csi.example.com", volumeBindingMode: "WaitForFirstConsumer", ...more };
}
const local = storageClass("local", { provisioner: "kubernetes.io/no-provisioner" });
function using(...claims: string[]): Pod {
  return pod("p", {
    spec: { volumes: claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })) },
  });
}
interface Storage {
  readonly claims?: PersistentVolumeClaim[];
  readonly volumes?: PersistentVolume[];
  readonly classes?: StorageClass[];
  readonly drivers?: CSIDriver[];
  readonly capacities?: CSIStorageCapacity[];
  readonly csiNodes?: CSINode[];
}
function storage({
  claims = [],
  volumes = [],
  classes = [local],
  drivers = [],
  capacities = [],
  csiNodes = [],
}: Storage): Listers {
  return listers({
    persistentVolumeClaims: listerOf(claims),
    persistentVolumes: listerOf(volumes),
    storageClasses: listerOf(classes),
    csiDrivers: listerOf(drivers),
    csiStorageCapacities: listerOf(capacities),
    csiNodes: listerOf(csiNodes),
  });
}

const noEffects: VolumeBindingEffects = {
  updateVolume: () => Promise.reject(new Error("not now")),
  updateClaim: () => Promise.reject(new Error("not now")),
  hasPod: () => true,
  until: () => Promise.reject(new Error("not now")),
};
const binding = (of: Storage, effects: VolumeBindingEffects = noEffects) =>
  createVolumeBinding(defaultArgs.VolumeBinding, storage(of), effects);
const noVolume = "! node(s) didn't find available persistent volumes to bind";
const conflict = "! node(s) didn't match PersistentVolume's node affinity";

describe("VolumeBinding", () => {
  const waiting = claim("data", { storageClassName: "local" });
  const fast = claim("data", { storageClassName: "fast" });
  const driver: CSIDriver = { metadata: { name: "csi.example.com" }, spec: { storageCapacity: true } };
  const capacity = (amount: string): CSIStorageCapacity => ({
    metadata: { name: "x" },
    storageClassName: "fast",
    capacity: amount,
    nodeTopology: { matchLabels: { [zone]: "z1" } },
  });

  it.each<[string, Storage, unknown]>([
    ["a claim that is not there", {}, '! persistentvolumeclaim "data" not found'],
    [
      "one on its way out",
      { claims: [claim("data", {}, { metadata: { name: "data", namespace: "default", deletionTimestamp: "x" } })] },
      '! persistentvolumeclaim "data" is being deleted',
    ],
    [
      "one whose volume is lost",
      { claims: [claim("data", { volumeName: "gone" }, { status: { phase: "Lost" } })] },
      '! persistentvolumeclaim "data" bound to non-existent persistentvolume "gone"',
    ],
    [
      "one that others should have bound",
      { claims: [claim("data")] },
      "! pod has unbound immediate PersistentVolumeClaims",
    ],
    [
      "bound where the volume is",
      { claims: [bound("data", "pv")], volumes: [volume("pv", inZone("z1"))] },
      { a: "fits", b: conflict },
    ],
    [
      "bound to nothing",
      { claims: [bound("data", "pv")] },
      {
        a: "! node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)",
        b: "! node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)",
      },
    ],
    [
      "free volumes of one zone",
      { claims: [waiting], volumes: [volume("pv", inZone("z2"))] },
      { a: noVolume, b: "fits" },
    ],
    [
      "too small",
      { claims: [waiting], volumes: [volume("pv", { capacity: { storage: "1Mi" } })] },
      { a: noVolume, b: noVolume },
    ],
    [
      "of another class",
      { claims: [waiting], volumes: [volume("pv", { storageClassName: "x" })] },
      { a: noVolume, b: noVolume },
    ],
    [
      "of another mode",
      { claims: [waiting], volumes: [volume("pv", { volumeMode: "Block" })] },
      { a: noVolume, b: noVolume },
    ],
    [
      "reserved for another",
      { claims: [waiting], volumes: [volume("pv", { claimRef: { name: "x", namespace: "default" } })] },
      { a: noVolume, b: noVolume },
    ],
    [
      "reserved for it",
      { claims: [waiting], volumes: [volume("pv", { claimRef: { name: "data", namespace: "default" } })] },
      { a: "fits", b: "fits" },
    ],
    ["can be made anywhere", { claims: [fast], classes: [storageClass("fast")] }, { a: "fits", b: "fits" }],
    [
      "can be made in one zone",
      {
        claims: [fast],
        classes: [
          storageClass("fast", { allowedTopologies: [{ matchLabelExpressions: [{ key: zone, values: ["z1"] }] }] }),
        ],
      },
      { a: "fits", b: noVolume },
    ],
    [
      "is being made for a node",
      {
        claims: [
          { ...fast, metadata: { ...fast.metadata, annotations: { "volume.kubernetes.io/selected-node": "b" } } },
        ],
        classes: [storageClass("fast")],
      },
      { a: noVolume, b: "fits" },
    ],
    [
      "room in one zone",
      { claims: [fast], classes: [storageClass("fast")], drivers: [driver], capacities: [capacity("2Gi")] },
      { a: "fits", b: "! node(s) did not have enough free storage" },
    ],
    [
      "room nowhere",
      { claims: [fast], classes: [storageClass("fast")], drivers: [driver], capacities: [capacity("1Mi")] },
      { a: "! node(s) did not have enough free storage", b: "! node(s) did not have enough free storage" },
    ],
  ])("%s", (_, of, expected) => {
    expect(judge(binding(of), using("data"), snapshotOf(nodes))).toEqual(expected);
  });

  it("waits for the claim of an ephemeral volume, which must be the pod's own", () => {
    const ephemeral = pod("p", { spec: { volumes: [{ name: "v", ephemeral: {} }] } });
    expect(judge(binding({}), ephemeral, snapshotOf(nodes))).toBe(
      '! waiting for ephemeral volume controller to create the persistentvolumeclaim "p-v"',
    );
    expect(judge(binding({ claims: [claim("p-v")] }), ephemeral, snapshotOf(nodes))).toBe(
      "! PVC default/p-v was not created for pod default/p (pod is not owner)",
    );
  });

  it("gives one volume to one claim only, the smallest that does", () => {
    const [small, large] = [volume("small"), volume("large", { capacity: { storage: "9Gi" } })];
    const claims = [claim("one", { storageClassName: "local" }), claim("two", { storageClassName: "local" })];
    expect(judge(binding({ claims, volumes: [small] }), using("one", "two"), snapshotOf(nodes))).toEqual({
      a: noVolume,
      b: noVolume,
    });
    expect(judge(binding({ claims, volumes: [large, small] }), using("one", "two"), snapshotOf(nodes))).toEqual({
      a: "fits",
      b: "fits",
    });
  });

  it("reserves what it has chosen until it is taken back", () => {
    const plugin = binding({
      claims: [waiting, claim("other", { storageClassName: "local" })],
      volumes: [volume("pv")],
    });
    const snapshot = snapshotOf(nodes);
    const cycle = cycleOf([plugin], using("data"), snapshot);
    for (const info of snapshot.nodes) cycle.filters[0]?.filter.filter(info);
    const chosen = cycle.prepared.get("VolumeBinding");
    expect(chosen?.needsPreBind?.("a")).toBe(true);
    chosen?.reserve?.("a");
    expect(judge(plugin, using("other"), snapshot)).toEqual({ a: noVolume, b: noVolume });
    chosen?.unreserve?.("a");
    expect(judge(plugin, using("other"), snapshot)).toEqual({ a: "fits", b: "fits" });
  });

  it("writes the reservation and the selected node, and waits until both claims are bound", async () => {
    const claims = [waiting, claim("new", { storageClassName: "fast" })];
    const volumes = [volume("pv")];
    const written: unknown[] = [];
    const store = <T extends PersistentVolume | PersistentVolumeClaim>(
      list: T[],
      object: DeepReadonly<T>,
    ): DeepReadonly<T> => {
      const index = list.findIndex(({ metadata }) => metadata?.name === object.metadata?.name);
      const stored = { ...object, metadata: { ...object.metadata, resourceVersion: "2" } };
      list.splice(index, 1, stored as unknown as T);
      return stored as unknown as DeepReadonly<T>;
    };
    const effects: VolumeBindingEffects = {
      ...noEffects,
      async updateVolume(object) {
        written.push(object.spec?.claimRef?.name, object.metadata?.annotations);
        return store(volumes, object);
      },
      async updateClaim(object) {
        written.push(object.metadata?.annotations);
        return store(claims, object);
      },
      async until(isDone) {
        expect(isDone()).toBe(false);
        for (const [index, object] of claims.entries())
          claims.splice(index, 1, {
            ...object,
            metadata: {
              ...object.metadata,
              annotations: { ...object.metadata?.annotations, "pv.kubernetes.io/bind-completed": "yes" },
            },
            spec: { ...object.spec, volumeName: "pv" },
          });
        expect(isDone()).toBe(true);
      },
    };
    const plugin = createVolumeBinding(
      defaultArgs.VolumeBinding,
      storage({ claims, volumes, classes: [local, storageClass("fast")] }),
      effects,
    );
    const snapshot = snapshotOf(nodes);
    const cycle = cycleOf([plugin], using("data", "new"), snapshot);
    for (const info of snapshot.nodes) cycle.filters[0]?.filter.filter(info);
    const chosen = cycle.prepared.get("VolumeBinding");
    chosen?.reserve?.("b");
    await chosen?.preBind?.("b", new AbortController().signal);
    expect(written).toEqual([
      "data",
      { "pv.kubernetes.io/bound-by-controller": "yes" },
      { "volume.kubernetes.io/selected-node": "b" },
    ]);
  });

  it("gives up when a provisioner takes its annotation off", async () => {
    const effects: VolumeBindingEffects = {
      ...noEffects,
      updateClaim: async (object) => object,
      until: async (isDone) => void isDone(),
    };
    const claims = [{ ...fast, metadata: { ...fast.metadata, annotations: {} } }];
    const plugin = binding({ claims, classes: [storageClass("fast")] }, effects);
    const snapshot = snapshotOf(nodes);
    const cycle = cycleOf([plugin], using("data"), snapshot);
    for (const info of snapshot.nodes) cycle.filters[0]?.filter.filter(info);
    const chosen = cycle.prepared.get("VolumeBinding");
    chosen?.reserve?.("b");
    await expect(chosen?.preBind?.("b", new AbortController().signal)).rejects.toThrow(
      'binding volumes: provisioning failed for PVC "data"',
    );
  });
});

describe("VolumeZone", () => {
  const judged = (of: Storage): unknown =>
    judge(createVolumeZone(storage(of)), using("data"), snapshotOf([...nodes, node("c")]));
  const elsewhere = "! node(s) had no available volume zone";

  it.each<[string, Storage, unknown]>([
    [
      "the volume's zone; nodes that name none",
      { claims: [bound("data", "pv")], volumes: [volume("pv", {}, { labels: { [zone]: "z1" } })] },
      { a: "fits", b: elsewhere, c: "fits" },
    ],
    [
      "one of several",
      { claims: [bound("data", "pv")], volumes: [volume("pv", {}, { labels: { [zone]: "z1__z2" } })] },
      { a: "fits", b: "fits", c: "fits" },
    ],
    [
      "the older label",
      {
        claims: [bound("data", "pv")],
        volumes: [volume("pv", {}, { labels: { "failure-domain.beta.kubernetes.io/zone": "z2" } })],
      },
      { a: elsewhere, b: "fits", c: "fits" },
    ],
    ["no volume there", { claims: [bound("data", "pv")] }, '! persistentvolume "pv" not found'],
    [
      "neither volume nor class",
      { claims: [claim("data")] },
      "! PersistentVolumeClaim had no pv name and storageClass name",
    ],
    [
      "class not there",
      { claims: [claim("data", { storageClassName: "x" })] },
      '! storageclass.storage.k8s.io "x" not found',
    ],
    [
      "to be bound by others",
      {
        claims: [claim("data", { storageClassName: "now" })],
        classes: [storageClass("now", { volumeBindingMode: "Immediate" })],
      },
      "! PersistentVolume had no name",
    ],
  ])("%s", (_, of, expected) => {
    expect(judged(of)).toEqual(expected);
  });
});

describe("VolumeRestrictions", () => {
  const inUse = "node(s) had no available disk";
  const disk = (source: Partial<Volume>): Partial<NonNullable<Pod["spec"]>> => ({
    volumes: [{ name: "v", ...source }],
  });
  it.each<[string, Partial<Volume>, Partial<Volume>, string]>([
    [
      "EBS",
      { awsElasticBlockStore: { volumeID: "1" } },
      { awsElasticBlockStore: { volumeID: "1", readOnly: true } },
      inUse,
    ],
    ["another EBS", { awsElasticBlockStore: { volumeID: "1" } }, { awsElasticBlockStore: { volumeID: "2" } }, "fits"],
    [
      "GCE to write",
      { gcePersistentDisk: { pdName: "1", readOnly: true } },
      { gcePersistentDisk: { pdName: "1" } },
      inUse,
    ],
    [
      "GCE to read",
      { gcePersistentDisk: { pdName: "1", readOnly: true } },
      { gcePersistentDisk: { pdName: "1", readOnly: true } },
      "fits",
    ],
    [
      "iSCSI",
      { iscsi: { iqn: "1", lun: 0, targetPortal: "x" } },
      { iscsi: { iqn: "1", lun: 0, targetPortal: "x" } },
      inUse,
    ],
    [
      "RBD",
      { rbd: { monitors: ["a", "b"], image: "i", pool: "p" } },
      { rbd: { monitors: ["b"], image: "i", pool: "p" } },
      inUse,
    ],
    [
      "RBD of others",
      { rbd: { monitors: ["a"], image: "i", pool: "p" } },
      { rbd: { monitors: ["b"], image: "i", pool: "p" } },
      "fits",
    ],
  ])("%s", (_, wanted, used, expected) => {
    const snapshot = snapshotOf(
      [node("a")],
      [pod("old", { node: "a", spec: { containers: [], nodeName: "a", ...disk(used) } })],
    );
    expect(judge(createVolumeRestrictions(listers()), pod("p", { spec: disk(wanted) }), snapshot)).toEqual({
      a: expected,
    });
  });

  it("lets one pod at a time use a claim that is ReadWriteOncePod", () => {
    const of = storage({
      claims: [bound("data", "pv", { accessModes: ["ReadWriteOncePod"] }), bound("shared", "pv2")],
    });
    const notAlone = "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode";
    const old = { ...using("data", "shared"), metadata: { name: "old", namespace: "default", uid: "old" } };
    const snapshot = snapshotOf(nodes, [{ ...old, spec: { containers: [], ...old.spec, nodeName: "a" } }]);
    expect(judge(createVolumeRestrictions(of), using("data"), snapshot)).toEqual({ a: notAlone, b: notAlone });
    expect(judge(createVolumeRestrictions(of), using("shared"), snapshot)).toEqual({ a: "fits", b: "fits" });
  });
});

it("NodeVolumeLimits counts the volumes of each CSI driver", () => {
  const csi = (handle: string): NonNullable<PersistentVolume["spec"]> => ({
    csi: { driver: "csi.example.com", volumeHandle: handle },
  });
  const of = storage({
    claims: [bound("one", "pv1"), bound("two", "pv2"), claim("new", { storageClassName: "fast" })],
    volumes: [volume("pv1", csi("1")), volume("pv2", csi("2"))],
    classes: [storageClass("fast")],
    csiNodes: [
      {
        metadata: { name: "a" },
        spec: { drivers: [{ name: "csi.example.com", nodeID: "a", allocatable: { count: 1 } }] },
      },
    ],
  });
  const old = pod("old", {
    node: "a",
    spec: { containers: [], nodeName: "a", volumes: [{ name: "v", persistentVolumeClaim: { claimName: "one" } }] },
  });
  const plugin = createNodeVolumeLimits(of);
  const full = "node(s) exceed max volume count";
  const snapshot = snapshotOf(nodes, [old]);
  expect(judge(plugin, using("two"), snapshot)).toEqual({ a: full, b: "fits" });
  expect(judge(plugin, using("new"), snapshot)).toEqual({ a: full, b: "fits" });
  expect(judge(plugin, using("one"), snapshot)).toEqual({ a: "fits", b: "fits" });
});
