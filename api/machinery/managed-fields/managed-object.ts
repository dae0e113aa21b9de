import type { DeepReadonly, KubeObject, ObjectMeta } from "../object.ts";
import type { Value } from "./typed-value.ts";

export type ManagedObject = DeepReadonly<KubeObject>;

export function metadataOf(object: ManagedObject): DeepReadonly<ObjectMeta> {
  return object.metadata ?? {};
}

/** Entries are about the object, and no part of what they are about. */
export function withoutManagedFields(object: ManagedObject): Value {
  const { metadata } = object;
  if (metadata?.managedFields === undefined) return object as Value;
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: rest } as Value;
}
