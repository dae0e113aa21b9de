/** Items of sets differ, and so do the keys of list maps. */
import type { FieldError } from "../../machinery/field-error.ts";
import { bad, duplicate } from "../../machinery/findings.ts";
import { stringifyJson } from "../../machinery/json.ts";
import { getOwn, isObject, setOwn } from "../../machinery/members.ts";
import type { DeepReadonly, Json, JsonObject } from "../../machinery/object.ts";
import { sortedCopy } from "./prune.ts";
import { memberSchema, type Structural } from "./structural.ts";

type Value = DeepReadonly<Json>;

export function validateUniqueLists(value: Value, schema: Structural | undefined, path = ""): FieldError[] {
  const findings: FieldError[] = [];
  visit(value, schema, path, findings);
  return findings;
}

function visit(value: Value, schema: Structural | undefined, path: string, findings: FieldError[]): void {
  if (schema === undefined || !schema.holds.uniqueLists) return;
  if (Array.isArray(value)) {
    checkList(value, schema, path, findings);
    for (const [index, item] of value.entries()) visit(item, schema.items, `${path}[${index}]`, findings);
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value as JsonObject)) {
      const isProperty = schema.properties?.has(key) === true;
      const here = isProperty ? (path === "" ? key : `${path}.${key}`) : `${path}[${key}]`;
      visit(item ?? null, memberSchema(schema, key), here, findings);
    }
  }
}

function checkList(value: readonly Value[], schema: Structural, path: string, findings: FieldError[]): void {
  if (schema.list?.type === "set") {
    for (const index of repeated(value)) findings.push(duplicate(`${path}[${index}]`, value[index]));
  } else if (schema.list?.type === "map") {
    const stranger = value.findIndex((item) => item !== null && !isObject(item));
    if (stranger >= 0) {
      const detail = "must be an object for an array of list-type map";
      findings.push(bad(`${path}[${stranger}]`, value[stranger], detail));
      return;
    }
    const keys = value.map((item) => keyOf(item, schema));
    for (const index of repeated(keys)) findings.push(duplicate(`${path}[${index}]`, keys[index]));
  }
}

/** The members that tell an item of a list map from the others; an absent one is absent here too. */
export function keyOf(item: Value, schema: Structural): JsonObject {
  const key: JsonObject = {};
  if (!isObject(item)) return key;
  for (const name of schema.list?.keys ?? []) {
    const value = getOwn(item as JsonObject, name);
    if (value !== undefined) setOwn(key, name, value);
  }
  return key;
}

/** Where something is found for the second time; a third is not worth a word. */
function repeated(items: readonly Value[]): number[] {
  const times = new Map<string, number>();
  const found: number[] = [];
  for (const [index, item] of items.entries()) {
    const text = identity(item);
    const before = times.get(text) ?? 0;
    times.set(text, before + 1);
    if (before === 1) found.push(index);
  }
  return found;
}

/** The same text for the same value. */
export function identity(item: Value): string {
  return typeof item === "object" && item !== null ? stringifyJson(sortedCopy(item)) : stringifyJson(item);
}
