import { parseDuration } from "../../machinery/duration.ts";
import { parseTime, timeText } from "../../machinery/time.ts";
import { CelError } from "../cel.ts";
import { durationName, timestampName } from "../check/named-types.ts";
import { traversal } from "../cost/factors.ts";
import { scale } from "../cost/range.ts";
import { ListValue } from "../values/list.ts";
import { MapValue } from "../values/map.ts";
import { ObjectValue } from "../values/object.ts";
import { Duration, OpaqueValue, OptionalValue, Timestamp, TypeValue, Uint, type Value } from "../values/value.ts";
import { declare, type Declaration } from "./declare.ts";
import { formatDouble } from "./format-double.ts";
import { duration, timestamp } from "./operators.ts";
import { asBool, asBytes, asDouble, asDuration, asInt, asText, asTimestamp, asUint } from "./overload.ts";
import { inProportion } from "./sizes.ts";

/** https://github.com/google/cel-spec/blob/master/doc/langdef.md#list-of-standard-definitions */
const nanosOfSecond = 1_000_000_000n;

function cannotConvert(from: string, to: string): CelError {
  return new CelError(`type conversion error from '${from}' to '${to}'`);
}

function toInt(value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value;
  throw new CelError("integer overflow");
}

function toUint(value: bigint): Uint {
  if (BigInt.asUintN(64, value) === value) return new Uint(value);
  throw new CelError("unsigned integer overflow");
}

function whole(value: number, words: string): bigint {
  if (Number.isFinite(value)) return BigInt(Math.trunc(value));
  throw new CelError(words);
}

function intOf(text: string): bigint {
  if (!/^[-+]?[0-9]{1,40}$/.test(text)) throw cannotConvert("string", "int");
  const value = BigInt(text.replace("+", ""));
  if (BigInt.asIntN(64, value) === value) return value;
  throw cannotConvert("string", "int");
}

function uintOf(text: string): Uint {
  if (!/^[0-9]{1,40}$/.test(text)) throw cannotConvert("string", "uint");
  const value = BigInt(text);
  if (BigInt.asUintN(64, value) === value) return new Uint(value);
  throw cannotConvert("string", "uint");
}

function doubleOf(text: string): number {
  if (/^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/.test(text)) {
    const value = Number(text);
    if (Number.isFinite(value)) return value;
  }
  if (/^[-+]?inf(?:inity)?$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return NaN;
  throw cannotConvert("string", "double");
}

function boolOf(text: string): boolean {
  if (["1", "t", "T", "TRUE", "true", "True"].includes(text)) return true;
  if (["0", "f", "F", "FALSE", "false", "False"].includes(text)) return false;
  throw cannotConvert("string", "bool");
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CelError("invalid UTF-8 in bytes, cannot convert to string");
  }
}

/** Undefined for text that is none. */
function timestampOf(text: string): Timestamp | undefined {
  const instant = parseTime(text);
  if (instant === undefined) return undefined;
  return timestamp(BigInt(instant.seconds) * nanosOfSecond + BigInt(instant.nanos));
}

function requireTimestamp(text: string): Timestamp {
  const read = timestampOf(text);
  if (read === undefined) throw cannotConvert("string", timestampName);
  return read;
}

function requireDuration(text: string): Duration {
  const nanos = parseDuration(text);
  if (nanos === undefined) throw cannotConvert("string", durationName);
  return duration(nanos);
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

/** Without trailing zeros: `.5`; empty for none. */
function fraction(nanos: bigint): string {
  if (nanos === 0n) return "";
  return `.${String(nanos).padStart(9, "0").replace(/0+$/, "")}`;
}

export function timestampText(nanos: bigint): string {
  const seconds = floorDivide(nanos, nanosOfSecond);
  const rest = nanos - seconds * nanosOfSecond;
  return `${timeText({ seconds: Number(seconds) }).slice(0, -1)}${fraction(rest)}Z`;
}

/** In seconds: `5400s`, `1.5s`. */
export function durationText(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  return `${nanos < 0n ? "-" : ""}${size / nanosOfSecond}${fraction(size % nanosOfSecond)}s`;
}

export function typeNameOf(value: Value): string {
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return "double";
    case "string":
      return "string";
    default:
      return value === null ? "null_type" : objectTypeName(value);
  }
}

function objectTypeName(value: Extract<Value, object>): string {
  if (value instanceof ListValue) return "list";
  if (value instanceof MapValue) return "map";
  if (value instanceof Uint) return "uint";
  if (value instanceof Timestamp) return timestampName;
  if (value instanceof Duration) return durationName;
  if (value instanceof TypeValue) return "type";
  if (value instanceof OptionalValue) return "optional_type";
  if (value instanceof ObjectValue || value instanceof OpaqueValue) return value.typeName;
  return "bytes";
}

const conversion = { conversion: true } as const;

function same(type: string): Declaration {
  return declare(`${type}(${type}): ${type}`, (value) => value, conversion);
}

export const conversions: readonly Declaration[] = [
  ...["bool", "bytes", "double", "duration", "int", "string", "timestamp", "uint"].map(same),
  declare("bool(string): bool", (a) => boolOf(asText(a)), conversion),
  declare("bytes(string): bytes", (a) => new TextEncoder().encode(asText(a)), {
    ...inProportion(0, traversal, ({ min, max }) => ({ min, max: max * 4 })),
    ...conversion,
  }),
  declare("double(int): double", (a) => Number(asInt(a)), conversion),
  declare("double(uint): double", (a) => Number(asUint(a)), conversion),
  declare("double(string): double", (a) => doubleOf(asText(a)), conversion),
  declare("duration(string): duration", (a) => requireDuration(asText(a)), conversion),
  declare("duration(int): duration", (a) => duration(asInt(a)), conversion),
  declare("int(double): int", (a) => toInt(whole(asDouble(a), "integer overflow")), conversion),
  declare("int(duration): int", (a) => asDuration(a), conversion),
  declare("int(string): int", (a) => intOf(asText(a)), conversion),
  declare("int(timestamp): int", (a) => floorDivide(asTimestamp(a), nanosOfSecond), conversion),
  declare("int(uint): int", (a) => toInt(asUint(a)), conversion),
  declare("uint(double): uint", (a) => toUint(whole(asDouble(a), "unsigned integer overflow")), conversion),
  declare("uint(int): uint", (a) => toUint(asInt(a)), conversion),
  declare("uint(string): uint", (a) => uintOf(asText(a)), conversion),
  declare("string(bool): string", (a) => String(asBool(a)), conversion),
  declare("string(bytes): string", (a) => textOf(asBytes(a)), {
    cost: inProportion(0).cost,
    estimate: (call) => {
      const { min, max } = call.size(0);
      return { cost: scale({ min, max }, traversal), size: { min: Math.floor(min / 4), max } };
    },
    ...conversion,
  }),
  declare("string(double): string", (a) => formatDouble(asDouble(a)), conversion),
  declare("string(duration): string", (a) => durationText(asDuration(a)), conversion),
  declare("string(int): string", (a) => String(asInt(a)), conversion),
  declare("string(timestamp): string", (a) => timestampText(asTimestamp(a)), conversion),
  declare("string(uint): string", (a) => String(asUint(a)), conversion),
  declare("timestamp(int): timestamp", (a) => timestamp(asInt(a) * nanosOfSecond), conversion),
  declare("timestamp(string): timestamp", (a) => requireTimestamp(asText(a)), conversion),
  declare("dyn(A): dyn", (a) => a, conversion),
  declare("type(A): type(A)", (a) => new TypeValue(typeNameOf(a)), conversion),
];
