import type { DeepReadonly, Json } from "../../../api/machinery/object.ts";

type Value = DeepReadonly<Json>;

/** A value as Go prints it: what a printer column of type string shows of lists and maps. */
export function printedValue(value: Value): string {
  return value === null ? "<no value>" : printed(value);
}

function printed(value: Value): string {
  if (value === null) return "<nil>";
  if (typeof value === "number") return printedNumber(value);
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(printed).join(" ")}]`;
  const members = Object.entries(value)
    .filter((member): member is [string, Value] => member[1] !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `map[${members.map(([key, member]) => `${key}:${printed(member)}`).join(" ")}]`;
}

/** Go has an exponent, of two digits at least, from 1e+21 and below 1e-04. */
function printedNumber(value: number): string {
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-4 && size < 1e21)) return String(value);
  return value.toExponential().replace(/e([-+])(\d)$/, "e$10$2");
}
