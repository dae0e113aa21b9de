import { sortedCopy } from "./prune.ts";
import type { MergeType } from "../merge-type.ts";
import type { Structural } from "./structural.ts";

const atomic: MergeType = { type: "atomic" };
const untyped: MergeType = { type: "untyped" };

/**
 * What server-side apply makes of a schema. `objectMeta` is how metadata is merged, the object's own and that of
 * embedded objects. Types are made when they are first looked at.
 */
export function structuralMergeType(schema: Structural, objectMeta: MergeType): MergeType {
  const known = new Map<Structural, MergeType>();
  const typeOf = (part: Structural): MergeType => {
    let type = known.get(part);
    if (type === undefined) known.set(part, (type = createType(part, part.embedded, objectMeta, typeOf)));
    return type;
  };
  return createType(schema, true, objectMeta, typeOf);
}

type TypeOf = (schema: Structural) => MergeType;

function createType(schema: Structural, isResource: boolean, objectMeta: MergeType, typeOf: TypeOf): MergeType {
  if (schema.intOrString) return atomic;
  switch (schema.type) {
    case "array":
      return listType(schema, typeOf);
    case "object":
      return objectType(schema, isResource, objectMeta, typeOf);
    case "":
      return schema.preserveUnknown ? untyped : atomic;
    default:
      return atomic;
  }
}

function listType({ list, items }: Structural, typeOf: TypeOf): MergeType {
  if (items === undefined) return atomic;
  if (list?.type === "set") return { type: "set" };
  if (list?.type !== "map") return atomic;
  const defaults = list.keys.flatMap((key) => {
    const value = items.properties?.get(key)?.default;
    return value === undefined ? [] : [[key, sortedCopy(value)] as const];
  });
  return { type: "keyedList", keys: list.keys, keyDefaults: Object.fromEntries(defaults), item: typeOf(items) };
}

function objectType(schema: Structural, isResource: boolean, objectMeta: MergeType, typeOf: TypeOf): MergeType {
  if (schema.mapType === "atomic") return atomic;
  const { properties, additional } = schema;
  if (!isResource && properties === undefined && additional === undefined && schema.preserveUnknown) return untyped;
  const others = typeof additional === "object" ? () => typeOf(additional) : () => othersOf(schema);
  return {
    type: "map",
    member(name) {
      if (isResource && name === "metadata") return objectMeta;
      if (isResource && (name === "apiVersion" || name === "kind")) return atomic;
      const property = properties?.get(name);
      return property === undefined ? others() : typeOf(property);
    },
  };
}

function othersOf({ preserveUnknown, additional }: Structural): MergeType | undefined {
  return preserveUnknown || additional === true ? untyped : undefined;
}
