import { CelBudgetError, CelError } from "../cel.ts";
import { traversal } from "../cost/factors.ts";
import { compareText } from "../values/equality.ts";
import { ListValue } from "../values/list.ts";
import { MapValue } from "../values/map.ts";
import { Duration, Timestamp, TypeValue, Uint, type Value } from "../values/value.ts";
import { durationText, timestampText, typeNameOf } from "./conversions.ts";
import { declare, type Declaration } from "./declare.ts";
import { fixedText, scientificText } from "./decimal-text.ts";
import { clauseMismatch, clauses, type ClauseLetter } from "./format-clause.ts";
import { formatDouble } from "./format-double.ts";
import { asList, asText } from "./overload.ts";
import { inProportion } from "./sizes.ts";

/** `'%s is %.2f'.format([…])`: https://pkg.go.dev/github.com/google/cel-go/ext#Strings */
const longestMade = 16 * 1024 * 1024;

function format(template: string, args: ListValue): string {
  let next = 0;
  let made = "";
  for (const clause of clauses(template)) {
    if (clause.letter === undefined) made += clause.text;
    else if (next >= args.size) throw new CelError(`index ${next} out of range`);
    else made += fill(clause.letter, args.at(next++), clause.precision);
    if (made.length > longestMade) throw new CelBudgetError("expression");
  }
  return made;
}

function mismatch(letter: ClauseLetter, value: Value): CelError {
  return new CelError(clauseMismatch(letter, typeNameOf(value)));
}

function fill(letter: ClauseLetter, value: Value, precision: number | undefined): string {
  switch (letter) {
    case "s":
      return plainText(value);
    case "d":
      return whole(letter, value).toString();
    case "f":
      return fixedText(double(letter, value), precision ?? 6, true);
    case "e":
      return scientificText(double(letter, value));
    case "b":
      return typeof value === "boolean" ? String(Number(value)) : whole(letter, value).toString(2);
    case "o":
      return whole(letter, value).toString(8);
    case "x":
      return hexadecimal(letter, value);
    case "X":
      return hexadecimal(letter, value).toUpperCase();
  }
}

function double(letter: ClauseLetter, value: Value): number {
  if (typeof value === "number") return value;
  throw mismatch(letter, value);
}

function whole(letter: ClauseLetter, value: Value): bigint {
  if (typeof value === "bigint") return value;
  if (value instanceof Uint) return value.value;
  throw mismatch(letter, value);
}

function hexadecimal(letter: ClauseLetter, value: Value): string {
  if (typeof value === "string" || value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return whole(letter, value).toString(16);
}

function plainText(value: Value): string {
  if (typeof value === "string") return value;
  if (value === null) return "null";
  if (typeof value === "number") return formatDouble(value);
  return typeof value === "object" ? compositeText(value) : String(value);
}

function compositeText(value: Extract<Value, object>): string {
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof Timestamp) return timestampText(value.nanos);
  if (value instanceof Duration) return durationText(value.nanos);
  if (value instanceof TypeValue) return value.typeName;
  if (value instanceof ListValue) return `[${[...value].map(itemText).join(", ")}]`;
  if (value instanceof MapValue) return mapText(value);
  throw mismatch("s", value);
}

/** Inside lists and maps texts have quotes, and doubles six places. */
function itemText(value: Value): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return fixedText(value, 6, false);
  if (value instanceof Timestamp) return `timestamp("${timestampText(value.nanos)}")`;
  return value instanceof Duration ? `duration("${durationText(value.nanos)}")` : plainText(value);
}

function mapText(map: MapValue): string {
  const entries = [...map.keys()].map((key) => [itemText(key), itemText(map.get(key) ?? null)] as const);
  const sorted = entries.toSorted(([a], [b]) => compareText(a, b));
  return `{${sorted.map(([key, value]) => `${key}:${value}`).join(", ")}}`;
}

export const formatting: readonly Declaration[] = [
  declare("string.format(list(dyn)): string", (a, b) => format(asText(a), asList(b)), inProportion(0, traversal)),
];
