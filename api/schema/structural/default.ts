/** https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting */
import { getOwn, isObject, setOwn } from "../../machinery/members.ts";
import type { Json, JsonObject } from "../../machinery/object.ts";
import { sortedCopy, sortedKeys } from "./prune.ts";
import { memberSchema, type Structural } from "./structural.ts";

/** Fills in what is absent, and replaces nulls that the schema does not allow; in place. */
export function applyDefaults(value: Json, schema: Structural | undefined): void {
  if (schema === undefined || !schema.holds.defaults) return;
  if (Array.isArray(value)) defaultItems(value, schema.items);
  else if (isObject(value)) defaultMembers(value, schema);
}

function defaultItems(list: Json[], items: Structural | undefined): void {
  for (const [index, item] of list.entries()) {
    if (wants(item, items)) list[index] = sortedCopy(items.default);
    applyDefaults(list[index] ?? null, items);
  }
}

function defaultMembers(object: JsonObject, schema: Structural): void {
  let added = false;
  for (const [name, property] of schema.properties ?? []) {
    if (property.default === undefined) continue;
    const value = getOwn(object, name);
    if (value !== undefined && !wants(value, property)) continue;
    added ||= value === undefined;
    setOwn(object, name, sortedCopy(property.default));
  }
  if (added) sortMembers(object);
  for (const name of Object.keys(object)) {
    const member = memberSchema(schema, name);
    if (member === undefined) continue;
    const value = getOwn(object, name) ?? null;
    if (wants(value, member)) setOwn(object, name, sortedCopy(member.default));
    applyDefaults(getOwn(object, name) ?? null, member);
  }
}

function wants(
  value: Json,
  schema: Structural | undefined,
): schema is Structural & { readonly default: NonNullable<Structural["default"]> } {
  return value === null && schema?.default !== undefined && !schema.nullable;
}

/** Go prints maps sorted by key, so that equal objects are equal bytes. */
function sortMembers(object: JsonObject): void {
  const entries = sortedKeys(object).map((key) => [key, object[key]] as const);
  for (const [key] of entries) Reflect.deleteProperty(object, key);
  for (const [key, value] of entries) setOwn(object, key, value);
}
