import type { AtomicShape, MergeType } from "./merge-type.ts";
import type { Field, StructType, ValueType } from "./schema.ts";
import type { Json } from "../machinery/object.ts";

type MapType = Extract<MergeType, { type: "map" }>;
type Scalar = Extract<AtomicShape, { scalar: string }>["scalar"];

/**
 * The result says how a built-in type is merged. It makes what it is asked for when it is asked, and remembers it: types
 * reach far and refer to themselves.
 */
export function createMergeTypes(): (type: StructType) => MergeType {
  const structs = new Map<StructType, MapType>();

  function granular(type: StructType): MapType {
    let made = structs.get(type);
    if (made === undefined) {
      made = structType(type, ofField);
      structs.set(type, made);
    }
    return made;
  }

  function ofField(field: Field): MergeType {
    const { value, mapType } = field;
    if (value.type === "list") return listType(field, ofValue(value.of));
    const type = ofValue(value);
    if (mapType === "atomic" && type.type === "map") return { type: "atomic", shape: { members: type } };
    return mapType === "granular" && value.type === "struct" ? granular(value.of) : type;
  }

  function ofValue(value: ValueType): MergeType {
    switch (value.type) {
      case "struct": {
        const members = granular(value.of);
        return value.of.atomic ? { type: "atomic", shape: { members } } : members;
      }
      case "list":
        return { type: "atomic", shape: { items: ofValue(value.of) } };
      case "map": {
        const item = ofValue(value.of);
        return { type: "map", member: () => item, declares: () => false };
      }
      case "any":
        return value.raw === "rawExtension" ? { type: "atomic" } : { type: "untyped" };
      case "schemaOr":
        return { type: "untyped" };
      default:
        return { type: "atomic", shape: { scalar: scalars[value.type] } };
    }
  }

  return (type) => (type.atomic ? { type: "atomic", shape: { members: granular(type) } } : granular(type));
}

/** Upstream derives these from OpenAPI's type and format: a string of some format is any scalar. */
const scalars: Readonly<Record<Exclude<ValueType["type"], "struct" | "list" | "map" | "any" | "schemaOr">, Scalar>> = {
  string: "string",
  bytes: "string",
  duration: "string",
  boolean: "boolean",
  integer: "numeric",
  number: "numeric",
  time: "any",
  microTime: "any",
  quantity: "any",
  intOrString: "any",
};

function structType(type: StructType, ofField: (field: Field) => MergeType): MapType {
  const members = new Map<string, MergeType>();
  return {
    type: "map",
    member(name) {
      const known = members.get(name);
      if (known !== undefined) return known;
      const field = type.fields.get(name);
      if (field === undefined) return undefined;
      const made = ofField(field);
      members.set(name, made);
      return made;
    },
    declares: (name) => type.fields.has(name),
  };
}

function listType({ value, listType: kind, listMapKeys = [], listKeyDefaults }: Field, item: MergeType): MergeType {
  switch (kind) {
    case "set":
      return { type: "set", item };
    case "map":
      return {
        type: "keyedList",
        keys: listMapKeys,
        keyDefaults: { ...zeroKeys(value, listMapKeys), ...listKeyDefaults },
        item,
      };
    default:
      return { type: "atomic", shape: { items: item } };
  }
}

/** Left out when it is empty, and yet a key (imagePullSecrets): upstream marks it with a default. */
const emptyKeys: ReadonlySet<string> = new Set(["io.k8s.api.core.v1.LocalObjectReference.name"]);

/** A key that Go always writes is never absent: unset, it has its zero value. */
function zeroKeys(list: ValueType, keys: readonly string[]): Record<string, Json> {
  const zeros: Record<string, Json> = {};
  if (list.type !== "list" || list.of.type !== "struct") return zeros;
  const struct = list.of.of;
  for (const key of keys) {
    const field = struct.fields.get(key);
    if (field === undefined || field.pointer) continue;
    if (field.omitEmpty && !emptyKeys.has(`${struct.name}.${key}`)) continue;
    if (field.value.type === "string") zeros[key] = "";
    else if (field.value.type === "integer") zeros[key] = 0;
  }
  return zeros;
}
