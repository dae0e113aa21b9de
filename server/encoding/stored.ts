import { encodeJson, parseJson } from "../../api/machinery/json.ts";
import type { DeepReadonly, KubeObject, ObjectMeta } from "../../api/machinery/object.ts";

/** Stored and wire JSON always start with kind, apiVersion and metadata; what follows keeps its order. */
export function encodeStored(object: KubeObject): Buffer {
  const { kind, apiVersion, metadata, ...rest } = object;
  return encodeJson({ kind, apiVersion, metadata: orderedMeta(metadata ?? {}), ...rest });
}

/** Our own bytes: no duplicate keys to look for. */
export function parseStored(bytes: Uint8Array): DeepReadonly<KubeObject> {
  return parseJson(bytes, { duplicates: false }).value as DeepReadonly<KubeObject>;
}

/** In Go's order, without the resourceVersion, which belongs to the revision and not to the object. */
function orderedMeta(meta: ObjectMeta): ObjectMeta {
  const ordered: ObjectMeta = {};
  if (meta.name !== undefined) ordered.name = meta.name;
  if (meta.generateName !== undefined) ordered.generateName = meta.generateName;
  if (meta.namespace !== undefined) ordered.namespace = meta.namespace;
  if (meta.uid !== undefined) ordered.uid = meta.uid;
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
