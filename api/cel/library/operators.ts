import { CelError } from "../cel.ts";
import { actualSize } from "../cost/actual-size.ts";
import { traversal } from "../cost/factors.ts";
import { add, exactly, scale } from "../cost/range.ts";
import { compareNumbers, compareText, isNumeric } from "../values/equality.ts";
import { JoinedList } from "../values/list.ts";
import { Duration, Timestamp, Uint, type Value } from "../values/value.ts";
import {
  asBool,
  asBytes,
  asDouble,
  asDuration,
  asInt,
  asList,
  asText,
  asTimestamp,
  asUint,
  noSuchOverload,
} from "./overload.ts";
import { declare, type Declaration } from "./declare.ts";
import { inProportion } from "./sizes.ts";
import { equal } from "../values/equality.ts";
import { MapValue } from "../values/map.ts";

/** https://github.com/google/cel-spec/blob/master/doc/langdef.md#list-of-standard-definitions */
function int(value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value;
  throw new CelError("integer overflow");
}

function uint(value: bigint): Uint {
  if (BigInt.asUintN(64, value) === value) return new Uint(value);
  throw new CelError("unsigned integer overflow");
}

export function duration(nanos: bigint): Duration {
  if (BigInt.asIntN(64, nanos) === nanos) return new Duration(nanos);
  throw new CelError("duration overflow");
}

const [earliest, latest] = [-62_135_596_800_000_000_000n, 253_402_300_799_999_999_999n];

/** Years 1 to 9999. */
export function timestamp(nanos: bigint): Timestamp {
  if (nanos >= earliest && nanos <= latest) return new Timestamp(nanos);
  throw new CelError("timestamp overflow");
}

function divisor(value: bigint, words: "division" | "modulus"): bigint {
  if (value !== 0n) return value;
  throw new CelError(`${words} by zero`);
}

function concatenated(): Parameters<typeof declare>[2] {
  return {
    cost: ([a, b]) => Math.ceil((actualSize(a) + actualSize(b)) * traversal),
    estimate: (call) => {
      const size = add(call.size(0), call.size(1));
      return { cost: scale(size, traversal), size };
    },
  };
}

const numbers: readonly Declaration[] = [
  declare("_+_(int, int): int", (a, b) => int(asInt(a) + asInt(b))),
  declare("_+_(uint, uint): uint", (a, b) => uint(asUint(a) + asUint(b))),
  declare("_+_(double, double): double", (a, b) => asDouble(a) + asDouble(b)),
  declare("_-_(int, int): int", (a, b) => int(asInt(a) - asInt(b))),
  declare("_-_(uint, uint): uint", (a, b) => uint(asUint(a) - asUint(b))),
  declare("_-_(double, double): double", (a, b) => asDouble(a) - asDouble(b)),
  declare("_*_(int, int): int", (a, b) => int(asInt(a) * asInt(b))),
  declare("_*_(uint, uint): uint", (a, b) => uint(asUint(a) * asUint(b))),
  declare("_*_(double, double): double", (a, b) => asDouble(a) * asDouble(b)),
  declare("_/_(int, int): int", (a, b) => int(asInt(a) / divisor(asInt(b), "division"))),
  declare("_/_(uint, uint): uint", (a, b) => uint(asUint(a) / divisor(asUint(b), "division"))),
  declare("_/_(double, double): double", (a, b) => asDouble(a) / asDouble(b)),
  declare("_%_(int, int): int", (a, b) => int(asInt(a) % divisor(asInt(b), "modulus"))),
  declare("_%_(uint, uint): uint", (a, b) => uint(asUint(a) % divisor(asUint(b), "modulus"))),
  declare("-_(int): int", (a) => int(-asInt(a))),
  declare("-_(double): double", (a) => -asDouble(a)),
];

const sums: readonly Declaration[] = [
  declare("_+_(string, string): string", (a, b) => asText(a) + asText(b), concatenated()),
  declare(
    "_+_(bytes, bytes): bytes",
    (a, b) => new Uint8Array(Buffer.concat([asBytes(a), asBytes(b)])),
    concatenated(),
  ),
  declare("_+_(list(A), list(A)): list(A)", (a, b) => new JoinedList(asList(a), asList(b)), {
    estimate: (call) => ({ cost: exactly(1), size: add(call.size(0), call.size(1)) }),
  }),
  declare("_+_(timestamp, duration): timestamp", (a, b) => timestamp(asTimestamp(a) + asDuration(b))),
  declare("_+_(duration, timestamp): timestamp", (a, b) => timestamp(asDuration(a) + asTimestamp(b))),
  declare("_+_(duration, duration): duration", (a, b) => duration(asDuration(a) + asDuration(b))),
  declare("_-_(timestamp, timestamp): duration", (a, b) => duration(asTimestamp(a) - asTimestamp(b))),
  declare("_-_(timestamp, duration): timestamp", (a, b) => timestamp(asTimestamp(a) - asDuration(b))),
  declare("_-_(duration, duration): duration", (a, b) => duration(asDuration(a) - asDuration(b))),
];

/** Negative, zero or positive; undefined where NaN takes part. */
export function order(a: Value, b: Value): number | undefined {
  if (typeof a === "bigint" && typeof b === "bigint") return a < b ? -1 : a > b ? 1 : 0;
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b);
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  if (a instanceof Timestamp && b instanceof Timestamp) return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
  if (a instanceof Duration && b instanceof Duration) return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  throw noSuchOverload();
}

const ordered = ["bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration"];
const mixedNumbers = ["int, uint", "int, double", "uint, int", "uint, double", "double, int", "double, uint"];

/** The shorter of two texts bounds what it takes to compare them. */
const comparison: Parameters<typeof declare>[2] = {
  cost: ([a, b]) => Math.ceil(Math.min(actualSize(a), actualSize(b)) * traversal),
  estimate: (call) => ({ cost: smallerCost(call.size(0).max, call.size(1).max) }),
};

function smallerCost(a: number, b: number): { min: number; max: number } {
  const max = Math.min(a, b);
  return scale({ min: max > 0 ? 1 : 0, max }, traversal);
}

function relation(name: string, holds: (sign: number) => boolean): readonly Declaration[] {
  const call = (a: Value, b: Value): boolean => {
    const sign = order(a, b);
    return sign !== undefined && holds(sign);
  };
  const sized = new Set(["string", "bytes"]);
  return [
    ...ordered.map((type) => declare(`${name}(${type}, ${type}): bool`, call, sized.has(type) ? comparison : {})),
    ...mixedNumbers.map((types) => declare(`${name}(${types}): bool`, call)),
  ];
}

const relations: readonly Declaration[] = [
  ...relation("_<_", (sign) => sign < 0),
  ...relation("_<=_", (sign) => sign <= 0),
  ...relation("_>_", (sign) => sign > 0),
  ...relation("_>=_", (sign) => sign >= 0),
];

/** Of library values that are one thing, such as an address. */
const singleTypes = /^(?:kubernetes|net)\./;

const equality: Parameters<typeof declare>[2] = {
  estimate: (call) => {
    const [a, b] = [call.type(0), call.type(1)];
    if (a?.type === "opaque" && b?.type === "opaque" && singleTypes.test(a.name)) return { cost: opaqueCost(a.name) };
    return { cost: smallerCost(call.size(0).max, call.size(1).max) };
  },
};

/** Named formats and URLs are compared as the texts they are. */
function opaqueCost(name: string): { min: number; max: number } {
  if (name === "kubernetes.NamedFormat") return scale({ min: 1, max: 64 }, traversal);
  return name === "kubernetes.URL" ? scale({ min: 1, max: 1 }, traversal) : exactly(1);
}

function never(): never {
  throw noSuchOverload();
}

/** Planned apart, or resolved with a chain of links: here only their types matter. */
const planned: readonly Declaration[] = [
  declare("_==_(A, A): bool", (a, b) => equal(a, b), equality),
  declare("_!=_(A, A): bool", (a, b) => !equal(a, b), equality),
  declare("_&&_(bool, bool): bool", never),
  declare("_||_(bool, bool): bool", never),
  declare("_?_:_(bool, A, A): A", never),
  declare("@not_strictly_false(bool): bool", never),
  declare("_[_](list(A), int): A", never),
  declare("_[_](map(A, B), A): B", never),
  declare("_[_](optional(list(V)), int): optional(V)", never),
  declare("_[_](optional(map(K, V)), K): optional(V)", never),
  declare("_[?_](list(V), int): optional(V)", never),
  declare("_[?_](map(K, V), K): optional(V)", never),
  declare("_[?_](optional(list(V)), int): optional(V)", never),
  declare("_[?_](optional(map(K, V)), K): optional(V)", never),
  declare("cel.@mapInsert(map(K, V), K, V): map(K, V)", never),
  declare("cel.@mapInsert(map(K, V), map(K, V)): map(K, V)", never),
];

function inList(item: Value, list: Value): boolean {
  for (const known of asList(list)) if (equal(known, item)) return true;
  return false;
}

function inMap(key: Value, map: Value): boolean {
  if (map instanceof MapValue) return map.get(key) !== undefined;
  throw noSuchOverload();
}

export const operators: readonly Declaration[] = [
  ...numbers,
  ...sums,
  ...relations,
  ...planned,
  declare("!_(bool): bool", (a) => !asBool(a)),
  declare("@in(A, list(A)): bool", inList, inProportion(1, 1)),
  declare("@in(A, map(A, B)): bool", inMap),
];
