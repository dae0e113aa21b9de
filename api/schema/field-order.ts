import { isObject, setOwn } from "../machinery/members.ts";
import type { Json, JsonObject } from "../machinery/object.ts";
import type { StructType, ValueType } from "./schema.ts";

/** Where a field stands in its struct, and its type where there may be something in it to put in order. */
interface Place {
  readonly position: number;
  readonly holds: ValueType | undefined;
}

type Places = ReadonlyMap<string, Place>;

/**
 * The result puts the members of an object and of all in it back into the order that `conform` gives: fields as in Go,
 * map keys sorted. It remembers the order of each type that it has seen.
 */
export function createOrderer(): (object: JsonObject, type: StructType) => void {
  const known = new Map<StructType, Places>();

  function placesOf(type: StructType): Places {
    let places = known.get(type);
    if (places === undefined) {
      const fields = [...type.fields.values()];
      places = new Map(
        fields.map(({ name, value }, position) => [name, { position, holds: holdsMembers(value) ? value : undefined }]),
      );
      known.set(type, places);
    }
    return places;
  }

  /** The same value when it is in order; inner values are replaced in place. */
  function ordered(value: Json, type: ValueType): Json {
    switch (type.type) {
      case "struct":
        if (!isObject(value)) return value;
        return orderMembers(value, placesOf(type.of)) ? value : rebuilt(value, namesInOrder(value, type.of));
      case "map":
        if (!isObject(value)) return value;
        if (type.of.type === "struct")
          for (const [key, item] of Object.entries(value)) replace(value, key, item, type.of);
        return rebuilt(value, sortedKeys(value));
      case "list":
        if (Array.isArray(value)) orderItems(value, type.of);
        return value;
      default:
        return value;
    }
  }

  function orderItems(list: Json[], type: ValueType): void {
    list.forEach((item, index) => {
      const now = ordered(item, type);
      if (now !== item) list[index] = now;
    });
  }

  /** Answers whether the members themselves are in order; unknown ones come last. */
  function orderMembers(object: JsonObject, places: Places): boolean {
    let last = -1;
    let inOrder = true;
    for (const name in object) {
      const { position, holds } = places.get(name) ?? unknown;
      if (position < last) inOrder = false;
      last = position;
      if (holds !== undefined) replace(object, name, object[name], holds);
    }
    return inOrder;
  }

  function replace(object: JsonObject, key: string, value: Json | undefined, type: ValueType): void {
    if (value === undefined) return;
    const now = ordered(value, type);
    if (now !== value) setOwn(object, key, now);
  }

  return (object, type) => {
    if (orderMembers(object, placesOf(type))) return;
    const members = namesInOrder(object, type).map((name): [string, Json] => [name, object[name] ?? null]);
    for (const [name] of members) delete object[name];
    for (const [name, value] of members) setOwn(object, name, value);
  };
}

const unknown: Place = { position: Infinity, holds: undefined };

function holdsMembers(type: ValueType): boolean {
  if (type.type === "list") return type.of.type === "struct" || type.of.type === "list";
  return type.type === "struct" || type.type === "map";
}

function rebuilt(object: JsonObject, names: readonly string[] | undefined): JsonObject {
  if (names === undefined) return object;
  const made: JsonObject = {};
  for (const name of names) setOwn(made, name, object[name] ?? null);
  return made;
}

function namesInOrder(object: JsonObject, type: StructType): readonly string[] {
  const known = [...type.fields.keys()].filter((name) => Object.hasOwn(object, name));
  return [...known, ...Object.keys(object).filter((name) => !type.fields.has(name))];
}

/** Nothing when they are in order already. */
function sortedKeys(object: JsonObject): readonly string[] | undefined {
  const keys = Object.keys(object);
  const isSorted = keys.every((key, index) => index === 0 || (keys[index - 1] ?? "") < key);
  return isSorted ? undefined : keys.sort();
}
