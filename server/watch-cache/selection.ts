import { exactField, matchesFields, type FieldRequirement } from "../../api/machinery/fields.ts";
import { matches, type Selector } from "../../api/machinery/labels.ts";
import type { RecordMeta } from "./record.ts";

/** What a list or a watch wants: a namespace ("" for all), labels and fields. */
export interface Selection {
  readonly namespace: string;
  readonly labels: Selector;
  readonly fields: readonly FieldRequirement[];
}

export function selects(selection: Selection, meta: RecordMeta): boolean {
  if (selection.namespace !== "" && meta.namespace !== selection.namespace) return false;
  return matchesFields(selection.fields, (field) => fieldOf(meta, field)) && matches(selection.labels, meta.labels);
}

function fieldOf(meta: RecordMeta, field: string): string {
  if (field === "metadata.name") return meta.name;
  if (field === "metadata.namespace") return meta.namespace;
  return meta.fields?.[field] ?? "";
}

/** True when every object of the namespace is wanted: nothing but the key needs to be looked at. */
export function selectsAll({ labels, fields }: Selection): boolean {
  return fields.length === 0 && labels.selects === "matching" && labels.requirements.length === 0;
}

/** Fields that watchers are indexed by, most telling first. */
const indexed = ["metadata.name", "spec.nodeName", "metadata.namespace"];

/**
 * Where an index files this watcher: under the most telling exact requirement. An event looks only at the
 * watchers filed under its own (old and new) values.
 */
export function indexKey({ namespace, fields }: Selection): string {
  for (const field of indexed) {
    const exact = exactField(fields, field);
    if (exact !== undefined) return `${field}=${exact}`;
  }
  return namespace === "" ? "" : `metadata.namespace=${namespace}`;
}

/** The index keys under which watchers of this object may be filed. */
export function indexKeysOf({ name, namespace, fields }: RecordMeta): readonly string[] {
  const keys = ["", `metadata.name=${name}`, `metadata.namespace=${namespace}`];
  const nodeName = fields?.["spec.nodeName"];
  if (nodeName !== undefined) keys.push(`spec.nodeName=${nodeName}`);
  return keys;
}
