import { asParsed } from "../../api/machinery/clone.ts";
import { encodeJson, parseJson } from "../../api/machinery/json.ts";
import type { DeepReadonly, KubeObject, ObjectMeta } from "../../api/machinery/object.ts";

/** Stored and wire JSON always start with kind, apiVersion and metadata; what follows keeps its order. */
export function encodeStored(object: KubeObject): Buffer {
  return encodeJson(inOrder(object));
}

/**
 * What parsing the JSON of an object that was written would give, at its revision; 0 was never written. It shares its
 * parts with the object, which nobody may change any more.
 */
export function asStored(object: KubeObject, revision: number): DeepReadonly<KubeObject> {
  return asParsed(inOrder(object, revision === 0 ? undefined : String(revision)));
}

function inOrder({ kind, apiVersion, metadata, ...rest }: KubeObject, resourceVersion?: string): KubeObject {
  return { kind, apiVersion, metadata: orderedMeta(metadata ?? {}, resourceVersion), ...rest } as KubeObject;
}

/** Our own bytes: no duplicate keys to look for. */
export function parseStored(bytes: Uint8Array): DeepReadonly<KubeObject> {
  return parseJson(bytes, { duplicates: false }).value as DeepReadonly<KubeObject>;
}

/** In Go's order. The resourceVersion belongs to the revision and not to the object. */
function orderedMeta(meta: ObjectMeta, resourceVersion: string | undefined): ObjectMeta {
  const ordered: ObjectMeta = {};
  if (meta.name !== undefined) ordered.name = meta.name;
  if (meta.generateName !== undefined) ordered.generateName = meta.generateName;
  if (meta.namespace !== undefined) ordered.namespace = meta.namespace;
  if (meta.uid !== undefined) ordered.uid = meta.uid;
  if (resourceVersion !== undefined) ordered.resourceVersion = resourceVersion;
  if (meta.generation !== undefined) ordered.generation = meta.generation;
  if (meta.creationTimestamp !== undefined) ordered.creationTimestamp = meta.creationTimestamp;
  if (meta.deletionTimestamp !== undefined) ordered.deletionTimestamp = meta.deletionTimestamp;
  if (meta.deletionGracePeriodSeconds !== undefined)
    ordered.deletionGracePeriodSeconds = meta.deletionGracePeriodSeconds;
  if (meta.labels !== undefined) ordered.labels = meta.labels;
  if (meta.annotations !== undefined) ordered.annotations = meta.annotations;
  if (meta.ownerReferences !== undefined) ordered.ownerReferences = meta.ownerReferences;
  if (meta.finalizers !== undefined) ordered.finalizers = meta.finalizers;
  if (meta.managedFields !== undefined) ordered.managedFields = meta.managedFields;
  return ordered;
}
