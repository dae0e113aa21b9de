import type { StorageClass } from "../../api/generated/types/storage-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

export const localPathProvisioner = "wherry.dev/local-path";

/** The storage class of a new cluster. It is made once: whoever deletes or changes it has decided. */
export const localPathClass: DeepReadonly<StorageClass> = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "local-path", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: localPathProvisioner,
  reclaimPolicy: "Delete",
  // Where the pod goes, the folder is made.
  volumeBindingMode: "WaitForFirstConsumer",
  allowVolumeExpansion: true,
};
