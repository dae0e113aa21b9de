import { ListValue } from "../values/list.ts";
import { MapValue } from "../values/map.ts";
import { OpaqueValue, OptionalValue, textSize, type Value } from "../values/value.ts";

/** What run-time costs are proportional to. */
export function actualSize(value: Value): number {
  if (typeof value === "string") return textSize(value);
  if (typeof value !== "object" || value === null) return 1;
  if (value instanceof ListValue || value instanceof MapValue || value instanceof OpaqueValue) return value.size;
  if (value instanceof OptionalValue && value.value !== undefined) return actualSize(value.value);
  return value instanceof Uint8Array ? value.length : 1;
}
