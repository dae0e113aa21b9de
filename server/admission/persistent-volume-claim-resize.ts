import { claimClass } from "../../api/core/claim-class.ts";
import type { PersistentVolumeClaim } from "../../api/generated/types/core-v1.ts";
import type { StorageClass } from "../../api/generated/types/storage-v1.ts";
import { getOwn } from "../../api/machinery/members.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { tryQuantity } from "../../api/machinery/quantity.ts";
import { forbid } from "./forbid.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { AdmissionPlugin } from "./plugin.ts";
import { claims, stored, written } from "./written.ts";

const classRefuses =
  "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize";

/**
 * Only bound claims of a class that allows it grow.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#persistentvolumeclaimresize
 */
export function persistentVolumeClaimResize({ reader }: { readonly reader: ObjectReader }): AdmissionPlugin {
  return {
    name: "PersistentVolumeClaimResize",
    validate(request) {
      const claim = request.operation === "UPDATE" ? written<PersistentVolumeClaim>(request, claims) : undefined;
      const old = stored<PersistentVolumeClaim>(request);
      if (claim === undefined || old === undefined || size(claim) <= size(old)) return undefined;
      if (old.status?.phase !== "Bound") throw forbid(request, "Only bound persistent volume claims can be expanded");
      return mayGrow(claim, old, reader).then((may) => {
        if (!may) throw forbid(request, classRefuses);
      });
    },
  };
}

/** In nanos. */
function size({ spec }: DeepReadonly<PersistentVolumeClaim>): bigint {
  return tryQuantity(getOwn(spec?.resources?.requests ?? {}, "storage") ?? "0")?.nano ?? 0n;
}

async function mayGrow(
  claim: DeepReadonly<PersistentVolumeClaim>,
  old: DeepReadonly<PersistentVolumeClaim>,
  reader: ObjectReader,
): Promise<boolean> {
  const name = claimClass(claim);
  if (name === "" || name !== claimClass(old)) return false;
  const found = await reader.find<StorageClass>("storageclasses.storage.k8s.io", "", name);
  return found?.allowVolumeExpansion === true;
}
