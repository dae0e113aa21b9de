import type { PersistentVolumeClaim } from "../../api/generated/types/core-v1.ts";
import { defaultClassName } from "./default-class.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { AdmissionPlugin, Mutation } from "./plugin.ts";
import { claims, written } from "./written.ts";

const marks = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];
const betaClass = "volume.beta.kubernetes.io/storage-class";

/**
 * A claim that names no storage class, not even the empty one, gets the default.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#defaultstorageclass
 */
export function defaultStorageClass({ reader }: { readonly reader: ObjectReader }): AdmissionPlugin {
  return {
    name: "DefaultStorageClass",
    mutate(request) {
      const claim = request.operation === "CREATE" ? written<PersistentVolumeClaim>(request, claims) : undefined;
      if (claim === undefined || claim.spec?.storageClassName !== undefined) return "unchanged";
      return Object.hasOwn(claim.metadata?.annotations ?? {}, betaClass) ? "unchanged" : setClass(claim, reader);
    },
  };
}

async function setClass(claim: PersistentVolumeClaim, reader: ObjectReader): Promise<Mutation> {
  const name = defaultClassName(await reader.list("storageclasses.storage.k8s.io"), marks);
  if (name === undefined) return "unchanged";
  claim.spec = { ...claim.spec, storageClassName: name };
  return "changed";
}
