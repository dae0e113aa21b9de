/** What `x-kubernetes-list-type` and `x-kubernetes-map-type` ask of a schema. */
import type { FieldError } from "../../machinery/field-error.ts";
import { bad, forbidden, required } from "../../machinery/findings.ts";
import { getOwn } from "../../machinery/members.ts";
import { notOneOf } from "./findings.ts";
import type { SchemaProps } from "./parse.ts";
import { itemsOf } from "./schema-props.ts";

const listType = "x-kubernetes-list-type";
const mapType = "x-kubernetes-map-type";
const mapKeys = "x-kubernetes-list-map-keys";

export function checkTopology(schema: SchemaProps, path: string): FieldError[] {
  const list = schema[listType];
  const map = schema[mapType];
  return [
    ...(map === undefined ? [] : typeFindings(schema, "object", mapType, path)),
    ...(map === undefined || map === "atomic" || map === "granular"
      ? []
      : [notOneOf(`${path}.${mapType}`, map, ["atomic", "granular"])]),
    ...(list === undefined ? [] : typeFindings(schema, "array", listType, path)),
    ...(list === "set" && schema.type === "array" ? checkSetItems(schema, path) : []),
    ...(list === undefined || list === "atomic" || list === "set" || list === "map"
      ? []
      : [notOneOf(`${path}.${listType}`, list, ["atomic", "set", "map"])]),
    ...checkKeysAllowed(schema, path),
    ...(list === "map" ? checkListMap(schema, path) : []),
    ...(list === "map" || list === "set" ? checkKeyedItems(schema, list, path) : []),
  ];
}

function typeFindings({ type = "" }: SchemaProps, wanted: string, extension: string, path: string): FieldError[] {
  if (type === wanted) return [];
  const detail = `must be ${wanted} if ${extension} is specified`;
  return [type === "" ? required(`${path}.type`, detail) : bad(`${path}.type`, type, detail)];
}

/** What stands in a set is compared as a whole. */
function checkSetItems(schema: SchemaProps, path: string): FieldError[] {
  const items = itemsOf(schema);
  const detail = `must be atomic as item of a list with ${listType}=set`;
  if (items?.type === "array" && (items[listType] ?? "atomic") !== "atomic")
    return [bad(`${path}.items.${listType}`, items[listType], detail)];
  if (items?.type === "object" && items[mapType] !== "atomic")
    return [bad(`${path}.items.${mapType}`, items[listType] ?? null, detail)];
  return [];
}

function checkKeysAllowed(schema: SchemaProps, path: string): FieldError[] {
  const list = schema[listType];
  if ((schema[mapKeys] ?? []).length === 0 || list === "map") return [];
  const detail = `must be map if ${mapKeys} is non-empty`;
  const field = `${path}.${listType}`;
  return [list === undefined ? required(field, detail) : bad(field, list, detail)];
}

function checkListMap(schema: SchemaProps, path: string): FieldError[] {
  const findings: FieldError[] = [];
  const keys = schema[mapKeys] ?? [];
  if (keys.length === 0) findings.push(required(`${path}.${mapKeys}`, `must not be empty if ${listType} is map`));
  if (schema.items === undefined) findings.push(required(`${path}.items`, `must have a schema if ${listType} is map`));
  const items = itemsOf(schema);
  if (items === undefined) {
    if (schema.items !== undefined)
      findings.push(bad(`${path}.items`, schema.items, `must only have a single schema if ${listType} is map`));
    return findings;
  }
  if (items.type !== "object") {
    const detail = `must be object if parent array's ${listType} is map`;
    findings.push(bad(`${path}.items.type`, items.type ?? "", detail));
    return findings;
  }
  for (const [index, key] of keys.entries()) {
    const type = getOwn(items.properties ?? {}, key)?.type;
    if (!Object.hasOwn(items.properties ?? {}, key))
      findings.push(bad(`${path}.${mapKeys}`, keys, "entries must all be names of item properties"));
    else if (type === "array" || type === "object") {
      const detail = `must be a scalar type if parent array's ${listType} is map`;
      findings.push(bad(`${path}.items.properties[${key}].type`, items.type, detail));
    }
    if (keys.indexOf(key) < index) findings.push(bad(`${path}.${mapKeys}`, keys, "must not contain duplicate entries"));
  }
  return findings;
}

/** Null is no key, and neither is nothing. */
function checkKeyedItems(schema: SchemaProps, list: "map" | "set", path: string): FieldError[] {
  const items = itemsOf(schema);
  if (items === undefined) return [];
  const findings: FieldError[] = [];
  if (items.nullable === true)
    findings.push(forbidden(`${path}.items.nullable`, `cannot be nullable when ${listType} is ${list}`));
  if (list === "set") return findings;
  for (const key of schema[mapKeys] ?? []) {
    const property = getOwn(items.properties ?? {}, key);
    if (property === undefined) continue;
    const field = `${path}.items.properties[${key}]`;
    if (!(items.required ?? []).includes(key) && (property.default ?? null) === null) {
      const detail = `this property is in ${mapKeys}, so it must have a default or be a required property`;
      findings.push(required(`${field}.default`, detail));
    }
    if (property.nullable === true)
      findings.push(forbidden(`${field}.nullable`, `this property is in ${mapKeys}, so it cannot be nullable`));
  }
  return findings;
}
