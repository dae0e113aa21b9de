import { describe, expect, it } from "vitest";
import type { Node } from "../../api/generated/types/core-v1.ts";
import type { StorageClass } from "../../api/generated/types/storage-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { selectedNode, storageProvisioner } from "../persistentvolume/annotations.ts";
import { claimOf, type ClaimTraits } from "../persistentvolume/objects.testing.ts";
import { localPathClass, localPathProvisioner } from "./local-path-class.ts";
import { planProvisioning, type Provisioning } from "./local-volume.ts";

const node: Node = { metadata: { name: "n1", labels: { "kubernetes.io/hostname": "host-1" } } };
const asked = { [storageProvisioner]: localPathProvisioner };
const placed = { ...asked, [selectedNode]: "n1" };

function planFor(
  traits: ClaimTraits,
  storageClass: DeepReadonly<StorageClass> | undefined = localPathClass,
): Provisioning | undefined {
  return planProvisioning(claimOf({ className: "local-path", annotations: placed, ...traits }), {
    storageClass,
    node: (name) => (name === "n1" ? node : undefined),
    localPath: "/volumes/",
  });
}

describe("the local-path provisioner", () => {
  it("makes a folder on the node that was chosen", () => {
    expect(planFor({ size: "5Gi" })).toEqual({
      do: "make",
      volume: {
        metadata: {
          name: "pvc-uid-data",
          annotations: { "pv.kubernetes.io/provisioned-by": "wherry.dev/local-path" },
          finalizers: ["external-provisioner.volume.kubernetes.io/finalizer"],
        },
        spec: {
          capacity: { storage: "5Gi" },
          accessModes: ["ReadWriteOnce"],
          volumeMode: "Filesystem",
          persistentVolumeReclaimPolicy: "Delete",
          storageClassName: "local-path",
          claimRef: {
            kind: "PersistentVolumeClaim",
            apiVersion: "v1",
            namespace: "default",
            name: "data",
            uid: "uid-data",
          },
          hostPath: { path: "/volumes/pvc-uid-data", type: "DirectoryOrCreate" },
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["host-1"] }] },
              ],
            },
          },
        },
      },
    });
  });

  it("puts no finalizer on what is to be kept", () => {
    const plan = planFor({}, { ...localPathClass, reclaimPolicy: "Retain" });
    expect(plan).toMatchObject({ volume: { spec: { persistentVolumeReclaimPolicy: "Retain" } } });
    expect(plan?.do === "make" && plan.volume.metadata?.finalizers).toBeUndefined();
  });

  it.each<[string, ClaimTraits, DeepReadonly<StorageClass> | undefined]>([
    ["that others are asked for", { annotations: { ...placed, [storageProvisioner]: "example.com/other" } }, undefined],
    ["that nobody is asked for yet", { annotations: { [selectedNode]: "n1" } }, undefined],
    ["that have no node yet", { annotations: asked }, undefined],
    ["that name a volume", { volumeName: "a" }, undefined],
    ["whose class is another's by now", {}, { ...localPathClass, provisioner: "example.com/other" }],
  ])("leaves claims alone %s", (_, traits, storageClass) => {
    expect(planFor(traits, storageClass)).toBeUndefined();
  });

  const failed = 'failed to provision volume with StorageClass "local-path": ';
  it.each<[string, ClaimTraits, DeepReadonly<StorageClass> | undefined, object]>([
    [
      "for many nodes",
      { spec: { accessModes: ["ReadWriteMany"] } },
      undefined,
      {
        do: "refuse",
        message: `${failed}NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes`,
      },
    ],
    [
      "with a selector",
      { spec: { selector: {} } },
      undefined,
      { do: "refuse", message: `${failed}claim.Spec.Selector is not supported` },
    ],
    [
      "that are copies",
      { spec: { dataSource: { kind: "PersistentVolumeClaim", name: "a" } } },
      undefined,
      { do: "refuse", message: `${failed}claim.Spec.DataSource is not supported` },
    ],
    [
      "of blocks",
      { spec: { volumeMode: "Block" } },
      undefined,
      { do: "refuse", message: "wherry.dev/local-path does not support block volume provisioning" },
    ],
    [
      "that nobody has placed",
      { annotations: asked },
      { ...localPathClass, volumeBindingMode: "Immediate" },
      { do: "refuse", message: `${failed}configuration error, no node was specified` },
    ],
    [
      "on nodes that are gone",
      { annotations: { ...asked, [selectedNode]: "n2" } },
      undefined,
      { do: "reschedule", message: 'nodes "n2" not found' },
    ],
  ])("refuses volumes %s", (_, traits, storageClass, expected) => {
    expect(planFor(traits, storageClass)).toEqual(expected);
  });
});
