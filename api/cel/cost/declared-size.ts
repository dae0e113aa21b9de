import type { Type } from "../types/type.ts";

/** What the schema says of an expression that reads a variable: its type, and how long its text may be. */
export interface Declared {
  readonly type: Type;
  readonly maxBytes?: number | undefined;
}

/** Upstream's bound of a request; a field without a bound of its own can be as large as fits into one. */
const requestBytes = 3 * 1024 * 1024;
const quotes = 2;
const dateTimeBytes = 32;
const dateBytes = 12;

/** In characters, bytes, items or entries; undefined for what is known by name only. */
export function largestSize({ type, maxBytes }: Declared): number | undefined {
  switch (type.type) {
    case "string":
    case "bytes":
      return maxBytes ?? type.maxBytes ?? requestBytes - quotes;
    case "list":
      return type.maxItems ?? Math.floor((requestBytes - 2) / (smallestText(type.of) + 1));
    case "map":
      return type.maxItems ?? Math.floor((requestBytes - 2) / (smallestText(type.of) + 6));
    case "dyn":
    case "optional":
    case "opaque":
    case "type":
    case "parameter":
    case "error":
      return undefined;
    case "bool":
    case "int":
    case "uint":
    case "double":
    case "null":
    case "object":
      return 0;
    case "timestamp":
    case "duration":
      return type.maxBytes ?? dateTimeBytes;
  }
}

/** In bytes of JSON. */
function smallestText(type: Type): number {
  switch (type.type) {
    case "bool":
      return 4;
    case "timestamp":
      return type.maxBytes === dateBytes ? dateBytes : 21;
    case "duration":
      return 3;
    case "string":
    case "bytes":
    case "list":
    case "map":
      return 2;
    case "object":
      return type.of.minBytes ?? 2;
    default:
      return 1;
  }
}

/** Of a list's items, or of a map's values. */
export function itemOf({ type }: Declared): Declared | undefined {
  return type.type === "list" || type.type === "map" ? { type: type.of } : undefined;
}

export function fieldOf({ type }: Declared, name: string): Declared | undefined {
  if (type.type === "map") return { type: type.of };
  const field = type.type === "object" ? type.of.field(name) : undefined;
  return field === undefined ? undefined : { type: field.type, maxBytes: field.maxBytes };
}
