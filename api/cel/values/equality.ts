import { JsonList, ListValue } from "./list.ts";
import { MapValue } from "./map.ts";
import { ObjectValue } from "./object.ts";
import { Duration, OpaqueValue, OptionalValue, Timestamp, TypeValue, Uint, type Value } from "./value.ts";

/** Numbers of different types are equal when they are the same number; other values of different types never are. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || a === null) return isNumeric(a) && isNumeric(b) && compareNumbers(a, b) === 0;
  if (typeof b !== "object" || b === null) return a instanceof Uint && isNumeric(b) && compareNumbers(a, b) === 0;
  return equalObjects(a, b);
}

type Composite = Extract<Value, object>;

function equalObjects(a: Composite, b: Composite): boolean {
  if (a instanceof ListValue) return b instanceof ListValue && equalLists(a, b);
  if (a instanceof MapValue) return b instanceof MapValue && equalMaps(a, b);
  if (a instanceof ObjectValue) return b instanceof ObjectValue && equalFields(a, b);
  if (a instanceof Uint) return b instanceof Uint && a.value === b.value;
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.typeName === b.typeName;
  if (a instanceof OptionalValue) return b instanceof OptionalValue && equalOptionals(a, b);
  if (a instanceof OpaqueValue) return b instanceof OpaqueValue && a.typeName === b.typeName && a.equals(b);
  return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
}

function equalLists(a: ListValue, b: ListValue): boolean {
  if (a.size !== b.size) return false;
  if (a instanceof JsonList && b instanceof JsonList && a.isSame(b)) return true;
  for (let index = 0; index < a.size; index++) if (!equal(a.at(index), b.at(index))) return false;
  return true;
}

function equalMaps(a: MapValue, b: MapValue): boolean {
  if (a.size !== b.size) return false;
  for (const key of a.keys()) {
    const other = b.get(key);
    if (other === undefined || !equal(a.get(key) ?? null, other)) return false;
  }
  return true;
}

function equalFields(a: ObjectValue, b: ObjectValue): boolean {
  const names = [...a.fields()];
  if (a.typeName !== b.typeName || names.length !== [...b.fields()].length) return false;
  return names.every((name) => {
    const [mine, other] = [a.get(name), b.get(name)];
    return mine === undefined || other === undefined ? mine === other : equal(mine, other);
  });
}

function equalOptionals(a: OptionalValue, b: OptionalValue): boolean {
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return equal(a.value, b.value);
}

export type Numeric = bigint | number | Uint;

export function isNumeric(value: Value): value is Numeric {
  return typeof value === "bigint" || typeof value === "number" || value instanceof Uint;
}

/** Exact, also between an int and a double; undefined where NaN takes part. */
export function compareNumbers(a: Numeric, b: Numeric): -1 | 0 | 1 | undefined {
  const left = a instanceof Uint ? a.value : a;
  const right = b instanceof Uint ? b.value : b;
  if (left < right) return -1;
  if (left > right) return 1;
  // oxlint-disable-next-line eqeqeq -- a bigint and a number of the same value
  return left == right ? 0 : undefined;
}

/** Go's order, by bytes of UTF-8, which is that of code points. */
export function compareText(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  let at = 0;
  while (a.charCodeAt(at) === b.charCodeAt(at)) at++;
  const [left, right] = [codeUnitRank(a.charCodeAt(at)), codeUnitRank(b.charCodeAt(at))];
  if (Number.isNaN(left)) return -1;
  if (Number.isNaN(right)) return 1;
  return left < right ? -1 : 1;
}

/** Halves of code points beyond U+FFFF come after everything else. */
function codeUnitRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit;
}
