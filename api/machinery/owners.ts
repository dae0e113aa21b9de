/** https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/ */
import type { DeepReadonly, KubeObject, OwnerReference } from "./object.ts";

/** The one owner that manages the object. */
export function controllerOf({ metadata }: DeepReadonly<KubeObject>): DeepReadonly<OwnerReference> | undefined {
  return metadata?.ownerReferences?.find(({ controller }) => controller === true);
}

export function isControlledBy(object: DeepReadonly<KubeObject>, owner: DeepReadonly<KubeObject>): boolean {
  return controllerOf(object)?.uid === owner.metadata?.uid;
}

/** How what an owner manages refers to it; the garbage collector waits for it before the owner goes. */
export function controllerReference(
  { metadata }: DeepReadonly<KubeObject>,
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
): OwnerReference {
  return {
    apiVersion,
    kind,
    name: metadata?.name ?? "",
    uid: metadata?.uid ?? "",
    controller: true,
    blockOwnerDeletion: true,
  };
}
