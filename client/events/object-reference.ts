import type { ObjectReference } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";

/** An object, or what names it: a part of it (`fieldPath`), or one that is not at hand. */
export type Regarding = DeepReadonly<KubeObject> | DeepReadonly<ObjectReference>;

export function referenceTo(regarding: Regarding): ObjectReference {
  if (!("metadata" in regarding)) return { ...regarding };
  const { apiVersion, kind, metadata = {} } = regarding;
  const { namespace, name, uid, resourceVersion } = metadata;
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(uid === undefined ? {} : { uid }),
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}

/** Where events about it are: those of objects without a namespace are in this one. */
export function namespaceOf({ namespace }: ObjectReference): string {
  return namespace === undefined || namespace === "" ? "default" : namespace;
}
