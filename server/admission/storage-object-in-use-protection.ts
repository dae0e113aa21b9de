import type { KubeObject } from "../../api/machinery/object.ts";
import { qualified } from "../../api/machinery/status.ts";
import type { AdmissionPlugin } from "./plugin.ts";

const finalizers: ReadonlyMap<string, string> = new Map([
  ["persistentvolumeclaims", "kubernetes.io/pvc-protection"],
  ["persistentvolumes", "kubernetes.io/pv-protection"],
  ["volumeattributesclasses.storage.k8s.io", "kubernetes.io/vac-protection"],
]);

/**
 * Storage that something uses is not removed under it: a finalizer holds it back.
 * https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
 */
export function storageObjectInUseProtection(): AdmissionPlugin {
  return {
    name: "StorageObjectInUseProtection",
    mutate({ operation, kind, subresource, object }) {
      const finalizer =
        operation === "CREATE" && subresource === "" ? finalizers.get(qualified(kind.row.groupResource)) : undefined;
      return finalizer === undefined || object === undefined || !hold(object, finalizer) ? "unchanged" : "changed";
    },
  };
}

function hold(object: KubeObject, finalizer: string): boolean {
  const held = object.metadata?.finalizers ?? [];
  if (held.includes(finalizer)) return false;
  object.metadata = { ...object.metadata, finalizers: [...held, finalizer] };
  return true;
}
