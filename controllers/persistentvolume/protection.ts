import type { DeepReadonly, KubeObject, ObjectMeta } from "../../api/machinery/object.ts";

/** Whether it is to be deleted and only waits until nobody uses it. */
export function isGoing({ metadata }: DeepReadonly<KubeObject>, finalizer: string): boolean {
  return metadata?.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes(finalizer);
}

/** Whether it was made while nobody put the finalizer on. */
export function isUnprotected({ metadata }: DeepReadonly<KubeObject>, finalizer: string): boolean {
  return metadata?.deletionTimestamp === undefined && !(metadata?.finalizers ?? []).includes(finalizer);
}

interface Meant {
  readonly metadata?: DeepReadonly<ObjectMeta>;
}

export function withFinalizer<T extends Meant>(object: T, finalizer: string): T {
  return {
    ...object,
    metadata: { ...object.metadata, finalizers: [...(object.metadata?.finalizers ?? []), finalizer] },
  };
}

export function withoutFinalizer<T extends Meant>(object: T, finalizer: string): T {
  const finalizers = (object.metadata?.finalizers ?? []).filter((one) => one !== finalizer);
  return { ...object, metadata: { ...object.metadata, finalizers } };
}
