import type { StorageClass } from "../../api/generated/types/storage-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

/** Who makes volumes of a class: somebody beside the controllers, or nobody, and why. */
export type Provisioner = { readonly external: string } | { readonly problem: string };

const inTree = "kubernetes.io/";

/** In-tree plugins that were moved out. https://kubernetes.io/docs/concepts/storage/volumes/#csi-migration */
const migrated: ReadonlyMap<string, string> = new Map([
  ["kubernetes.io/aws-ebs", "ebs.csi.aws.com"],
  ["kubernetes.io/azure-disk", "disk.csi.azure.com"],
  ["kubernetes.io/azure-file", "file.csi.azure.com"],
  ["kubernetes.io/cinder", "cinder.csi.openstack.org"],
  ["kubernetes.io/gce-pd", "pd.csi.storage.gke.io"],
  ["kubernetes.io/portworx-volume", "pxd.portworx.com"],
  ["kubernetes.io/vsphere-volume", "csi.vsphere.vmware.com"],
]);

/** In-tree plugins that mount volumes which others have made. */
const mountersOnly = new Set(["csi", "fc", "iscsi", "nfs"].map((name) => inTree + name));

export function provisionerOf({ provisioner }: DeepReadonly<StorageClass>): Provisioner {
  if (!provisioner.startsWith(inTree)) return { external: provisioner };
  const external = migrated.get(provisioner);
  if (external !== undefined) return { external };
  if (mountersOnly.has(provisioner)) return { problem: "no provisionable volume plugin matched" };
  if (provisioner === "kubernetes.io/host-path")
    return { problem: `Failed to create provisioner: provisioning in volume plugin "${provisioner}" is disabled` };
  return { problem: `no volume plugin matched name: ${provisioner}` };
}
