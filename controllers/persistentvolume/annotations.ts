/** https://kubernetes.io/docs/reference/labels-annotations-taints/ */
import type { DeepReadonly, KubeObject, ObjectMeta } from "../../api/machinery/object.ts";

/** On claims: it was bound once, so that a volume that is gone means lost data. */
export const bindCompleted = "pv.kubernetes.io/bind-completed";
/** On volumes and claims: the binding is not the user's wish, and may be taken back. */
export const boundByController = "pv.kubernetes.io/bound-by-controller";
/** On claims: the scheduler has chosen where the volume is to be made. */
export const selectedNode = "volume.kubernetes.io/selected-node";
/** On volumes: who made it, and has to remove it. */
export const provisionedBy = "pv.kubernetes.io/provisioned-by";
export const migratedTo = "pv.kubernetes.io/migrated-to";
/** On claims: who is to make the volume. */
export const storageProvisioner = "volume.kubernetes.io/storage-provisioner";
export const betaStorageProvisioner = "volume.beta.kubernetes.io/storage-provisioner";
/** On volumes: what the claim holds until its file system has grown, too. */
export const preResizeCapacity = "volume.alpha.kubernetes.io/pre-resize-capacity";

export function hasAnnotation({ metadata }: DeepReadonly<KubeObject>, annotation: string): boolean {
  return Object.hasOwn(metadata?.annotations ?? {}, annotation);
}

interface Meant {
  readonly metadata?: DeepReadonly<ObjectMeta>;
}

/** A copy with the annotations. */
export function annotate<T extends Meant>(object: T, annotations: Readonly<Record<string, string>>): T {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata?.annotations, ...annotations } } };
}

/** A copy without it. */
export function withoutAnnotation<T extends Meant>(object: T, annotation: string): T {
  const { metadata } = object;
  const { [annotation]: _, ...annotations } = metadata?.annotations ?? {};
  return { ...object, metadata: { ...metadata, annotations } };
}
