import { getOwn } from "../../api/machinery/members.ts";
import { hasAnnotation, migratedTo, provisionedBy } from "./annotations.ts";
import { nameOf, type Volume } from "./claim-and-volume.ts";

/** What becomes of a volume whose claim is gone. */
export type Reclaim =
  /** It stays as it is, or somebody else deletes it. */
  | { readonly do: "nothing" }
  | { readonly do: "delete" }
  | { readonly do: "fail"; readonly reason: string; readonly message: string };

/** https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming */
export function reclaim(volume: Volume): Reclaim {
  if (hasAnnotation(volume, migratedTo)) return { do: "nothing" };
  switch (volume.spec?.persistentVolumeReclaimPolicy) {
    case "Retain":
      return { do: "nothing" };
    case "Recycle":
      // Deprecated since long; nobody here scrubs volumes.
      return { do: "fail", reason: "VolumeFailedRecycle", message: "No recycler plugin found for the volume!" };
    case "Delete":
      return deletion(volume);
    default: {
      const message = "Volume has unrecognized PersistentVolumeReclaimPolicy";
      return { do: "fail", reason: "VolumeUnknownReclaimPolicy", message };
    }
  }
}

function deletion(volume: Volume): Reclaim {
  const provisioner = getOwn(volume.metadata?.annotations ?? {}, provisionedBy) ?? "";
  const fail = (message: string): Reclaim => ({ do: "fail", reason: "VolumeFailedDelete", message });
  if (provisioner !== "" && !provisioner.startsWith("kubernetes.io/")) return { do: "nothing" };
  if (volume.spec?.csi !== undefined) return { do: "nothing" };
  const path = volume.spec?.hostPath?.path;
  if (path === undefined)
    return fail(
      `error getting deleter volume plugin for volume ${JSON.stringify(nameOf(volume))}: no deletable volume plugin matched`,
    );
  if (!/\/tmp\/./.test(path)) return fail(`host_path deleter only supports /tmp/.+ but received provided ${path}`);
  // What lies in /tmp is left to the node.
  return { do: "delete" };
}
