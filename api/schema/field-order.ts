import { isObject, setOwn } from "../machinery/members.ts";
import type { Json, JsonObject } from "../machinery/object.ts";
import type { StructType, ValueType } from "./schema.ts";

/** Puts the members of an object and of all in it back into the order that `conform` gives: fields as in Go, map keys sorted. */
export function restoreOrder(object: JsonObject, type: StructType): void {
  orderMembers(object, type);
  const names = namesInOrder(object, type);
  if (names === undefined) return;
  const values = names.map((name) => object[name] ?? null);
  for (const name of names) delete object[name];
  names.forEach((name, index) => setOwn(object, name, values[index] ?? null));
}

/** The same value when it is in order; inner values are replaced in place. */
function ordered(value: Json, type: ValueType): Json {
  switch (type.type) {
    case "struct":
      if (!isObject(value)) return value;
      orderMembers(value, type.of);
      return rebuilt(value, namesInOrder(value, type.of));
    case "map":
      if (!isObject(value)) return value;
      if (type.of.type === "struct")
        for (const [key, item] of Object.entries(value)) replace(value, key, item, type.of);
      return rebuilt(value, sortedKeys(value));
    case "list":
      if (Array.isArray(value) && (type.of.type === "struct" || type.of.type === "list")) {
        value.forEach((item, index) => {
          const now = ordered(item, type.of);
          if (now !== item) value[index] = now;
        });
      }
      return value;
    default:
      return value;
  }
}

function orderMembers(object: JsonObject, type: StructType): void {
  for (const name in object) {
    const value = object[name];
    const field = typeof value === "object" && value !== null ? type.fields.get(name) : undefined;
    if (field !== undefined) replace(object, name, value, field.value);
  }
}

function replace(object: JsonObject, key: string, value: Json | undefined, type: ValueType): void {
  if (value === undefined) return;
  const now = ordered(value, type);
  if (now !== value) setOwn(object, key, now);
}

function rebuilt(object: JsonObject, names: readonly string[] | undefined): JsonObject {
  if (names === undefined) return object;
  const made: JsonObject = {};
  for (const name of names) setOwn(made, name, object[name] ?? null);
  return made;
}

/** Nothing when they are in order already. */
function namesInOrder(object: JsonObject, type: StructType): readonly string[] | undefined {
  const names = Object.keys(object);
  if (names.length < 2) return undefined;
  let next = 0;
  for (const name of type.fields.keys()) {
    if (name === names[next] && ++next === names.length) return undefined;
  }
  const known = [...type.fields.keys()].filter((name) => Object.hasOwn(object, name));
  return [...known, ...names.filter((name) => !type.fields.has(name))];
}

function sortedKeys(object: JsonObject): readonly string[] | undefined {
  const keys = Object.keys(object);
  const isSorted = keys.every((key, index) => index === 0 || (keys[index - 1] ?? "") < key);
  return isSorted ? undefined : keys.sort();
}
