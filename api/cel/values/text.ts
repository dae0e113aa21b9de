import { Uint, type Value } from "./value.ts";

/** A key or another scalar, for messages. */
export function valueText(value: Value): string {
  if (value instanceof Uint) return String(value.value);
  if (typeof value === "object") return value === null ? "null" : value.constructor.name;
  return String(value);
}
