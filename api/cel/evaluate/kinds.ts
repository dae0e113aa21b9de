import type { Type } from "../types/type.ts";
import { ListValue } from "../values/list.ts";
import { MapValue } from "../values/map.ts";
import { ObjectValue } from "../values/object.ts";
import { Duration, OpaqueValue, OptionalValue, Timestamp, TypeValue, Uint, type Value } from "../values/value.ts";

/** Whether a value may be given for a parameter of this type; items are not looked at. */
export function accepts(type: Type): (value: Value) => boolean {
  switch (type.type) {
    case "bool":
      return (value) => typeof value === "boolean";
    case "int":
      return (value) => typeof value === "bigint";
    case "uint":
      return (value) => value instanceof Uint;
    case "double":
      return (value) => typeof value === "number";
    case "string":
      return (value) => typeof value === "string";
    case "bytes":
      return (value) => value instanceof Uint8Array;
    case "null":
      return (value) => value === null;
    case "timestamp":
      return (value) => value instanceof Timestamp;
    case "duration":
      return (value) => value instanceof Duration;
    case "list":
      return acceptsList(type.of);
    case "map":
      return (value) => value instanceof MapValue;
    case "object":
      return (value) => value instanceof ObjectValue;
    case "optional":
      return (value) => value instanceof OptionalValue;
    case "opaque":
      return (value) => value instanceof OpaqueValue && value.typeName === type.name;
    case "type":
      return (value) => value instanceof TypeValue;
    case "dyn":
    case "parameter":
    case "error":
      return () => true;
  }
}

/** Overloads for lists differ by their items: the first one tells. */
function acceptsList(of: Type): (value: Value) => boolean {
  const acceptsItem = accepts(of);
  return (value) => value instanceof ListValue && (value.size === 0 || acceptsItem(value.at(0)));
}
