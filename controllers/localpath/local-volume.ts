import type { Node, PersistentVolume } from "../../api/generated/types/core-v1.ts";
import type { StorageClass } from "../../api/generated/types/storage-v1.ts";
import { claimClass } from "../../api/core/claim-class.ts";
import { getOwn } from "../../api/machinery/members.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { provisionedBy, selectedNode, storageProvisioner } from "../persistentvolume/annotations.ts";
import { referenceTo } from "../persistentvolume/binding.ts";
import { type Claim, modeOf, volumeNameOf } from "../persistentvolume/claim-and-volume.ts";
import { localPathProvisioner } from "./local-path-class.ts";

/** Keeps a volume that is deleted before its data is. */
export const volumeFinalizer = "external-provisioner.volume.kubernetes.io/finalizer";

export type Provisioning =
  | { readonly do: "make"; readonly volume: DeepReadonly<PersistentVolume> }
  /** The scheduler has to choose again: the node is gone. */
  | { readonly do: "reschedule"; readonly message: string }
  | { readonly do: "refuse"; readonly message: string };

export interface ProvisioningView {
  readonly storageClass: DeepReadonly<StorageClass> | undefined;
  readonly node: (name: string) => DeepReadonly<Node> | undefined;
  /** The folder on nodes below which volumes are. */
  readonly localPath: string;
}

/** What is to be done for a claim; undefined: nothing, or nothing yet. */
export function planProvisioning(claim: Claim, view: ProvisioningView): Provisioning | undefined {
  const { storageClass } = view;
  if (storageClass === undefined || !isForUs(claim, storageClass)) return undefined;
  const nodeName = getOwn(claim.metadata?.annotations ?? {}, selectedNode) ?? "";
  if (nodeName === "" && storageClass.volumeBindingMode === "WaitForFirstConsumer") return undefined;
  const node = nodeName === "" ? undefined : view.node(nodeName);
  if (nodeName !== "" && node === undefined)
    return { do: "reschedule", message: `nodes ${JSON.stringify(nodeName)} not found` };
  if (modeOf(claim) === "Block")
    return { do: "refuse", message: `${localPathProvisioner} does not support block volume provisioning` };
  const problem = problemOf(claim);
  if (problem !== undefined || node === undefined) return { do: "refuse", message: failure(claim, problem ?? noNode) };
  return { do: "make", volume: volumeFor(claim, storageClass, { node, localPath: view.localPath }) };
}

function isForUs(claim: Claim, { provisioner }: DeepReadonly<StorageClass>): boolean {
  const asked = getOwn(claim.metadata?.annotations ?? {}, storageProvisioner);
  if (asked !== localPathProvisioner || provisioner !== localPathProvisioner) return false;
  return volumeNameOf(claim) === undefined && claim.metadata?.deletionTimestamp === undefined;
}

/** As the external provisioners say it. */
function failure(claim: Claim, problem: string): string {
  return `failed to provision volume with StorageClass ${JSON.stringify(claimClass(claim))}: ${problem}`;
}

const noNode = "configuration error, no node was specified";
/** A folder of one node is not for many. */
const supportedModes = ["ReadWriteOnce", "ReadWriteOncePod"];

function problemOf({ spec }: Claim): string | undefined {
  if (spec?.selector !== undefined) return "claim.Spec.Selector is not supported";
  if (spec?.dataSource !== undefined || spec?.dataSourceRef !== undefined)
    return "claim.Spec.DataSource is not supported";
  if (!(spec?.accessModes ?? []).every((mode) => supportedModes.includes(mode)))
    return "NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes";
  return undefined;
}

function volumeFor(
  claim: Claim,
  { reclaimPolicy = "Delete", mountOptions }: DeepReadonly<StorageClass>,
  { node, localPath }: { readonly node: DeepReadonly<Node>; readonly localPath: string },
): DeepReadonly<PersistentVolume> {
  const name = volumeNameFor(claim);
  const hostname = getOwn(node.metadata?.labels ?? {}, hostnameLabel) ?? node.metadata?.name ?? "";
  const { accessModes = [], resources, volumeAttributesClassName } = claim.spec ?? {};
  return {
    metadata: {
      name,
      annotations: { [provisionedBy]: localPathProvisioner },
      ...(reclaimPolicy === "Delete" ? { finalizers: [volumeFinalizer] } : {}),
    },
    spec: {
      capacity: { storage: getOwn(resources?.requests ?? {}, "storage") ?? "0" },
      accessModes,
      volumeMode: "Filesystem",
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName: claimClass(claim),
      claimRef: referenceTo(claim),
      hostPath: { path: `${localPath.replace(/\/+$/, "")}/${name}`, type: "DirectoryOrCreate" },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: hostnameLabel, operator: "In", values: [hostname] }] }],
        },
      },
      ...(mountOptions === undefined ? {} : { mountOptions }),
      ...(volumeAttributesClassName === undefined ? {} : { volumeAttributesClassName }),
    },
  };
}

const hostnameLabel = "kubernetes.io/hostname";

/** The same each time, so that no claim ever gets two. */
export function volumeNameFor({ metadata }: Claim): string {
  return `pvc-${metadata?.uid ?? ""}`;
}
