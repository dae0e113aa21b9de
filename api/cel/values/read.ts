import { parseDuration } from "../../machinery/duration.ts";
import { isObject } from "../../machinery/members.ts";
import { parseTime } from "../../machinery/time.ts";
import { AuthorizerValue, authorizerTypeName, isAuthorizer } from "../authorizer.ts";
import { CelError, type CelType } from "../cel.ts";
import { JsonList, ListValue } from "./list.ts";
import { JsonMap, MapValue } from "./map.ts";
import { JsonObjectValue, ObjectValue } from "./object.ts";
import { Duration, none, OpaqueValue, OptionalValue, Timestamp, TypeValue, Uint, type Value } from "./value.ts";

/** Reads parsed JSON as a declared type says, no deeper than it is looked at. Throws CelError for a text that is none of its type. */
export type Reader = (raw: unknown) => Value;

const readers = new WeakMap<CelType, Reader>();

export function readerOf(type: CelType): Reader {
  const known = readers.get(type);
  if (known !== undefined) return known;
  const reader = makeReader(type);
  readers.set(type, reader);
  return reader;
}

function readAs(type: CelType, raw: unknown): Value {
  return readerOf(type)(raw);
}

function makeReader(type: CelType): Reader {
  switch (type.type) {
    case "int":
      return readInt;
    case "uint":
      return (raw) => (isNumber(raw) ? new Uint(BigInt.asUintN(64, BigInt(raw))) : readAny(raw));
    case "double":
      return (raw) => (isNumber(raw) ? Number(raw) : readAny(raw));
    case "bytes":
      return (raw) => (typeof raw === "string" ? new Uint8Array(Buffer.from(raw, "base64")) : readAny(raw));
    case "timestamp":
      return (raw) => (typeof raw === "string" ? readTimestamp(raw) : readAny(raw));
    case "duration":
      return (raw) => (typeof raw === "string" ? readDuration(raw) : readAny(raw));
    case "list":
      return (raw) => (Array.isArray(raw) ? new JsonList(raw, readerOf(type.of)) : readAny(raw));
    case "map":
      return (raw) => (isPlain(raw) ? new JsonMap(raw, readerOf(type.of)) : readAny(raw));
    case "object":
      return (raw) => (isPlain(raw) ? new JsonObjectValue(raw, type.of, readAs) : readAny(raw));
    case "optional":
      return (raw) => readOptional(raw, readerOf(type.of));
    case "bool":
    case "string":
    case "null":
    case "dyn":
      return readAny;
    case "opaque":
      return type.name === authorizerTypeName ? readAuthorizer : readAny;
  }
}

function readAuthorizer(raw: unknown): Value {
  return isAuthorizer(raw) && !(raw instanceof AuthorizerValue) ? new AuthorizerValue(raw) : readAny(raw);
}

function readOptional(raw: unknown, read: Reader): Value {
  if (raw instanceof OptionalValue) return raw;
  return raw === undefined ? none : new OptionalValue(read(raw));
}

function isNumber(raw: unknown): raw is number | bigint {
  return typeof raw === "bigint" || typeof raw === "number";
}

/** The ints that objects hold most: to make a bigint costs more than to look it up. */
const smallInts: readonly bigint[] = Array.from({ length: 1024 }, (_, value) => BigInt(value));

function readInt(raw: unknown): Value {
  if (typeof raw === "number" && Number.isInteger(raw)) return smallInts[raw] ?? BigInt(raw);
  return readAny(raw);
}

/** JSON without a type: whole numbers are ints. */
export function readAny(raw: unknown): Value {
  switch (typeof raw) {
    case "number":
      return Number.isInteger(raw) ? (smallInts[raw] ?? BigInt(raw)) : raw;
    case "bigint":
    case "boolean":
    case "string":
      return raw;
    default:
      return readComposite(raw);
  }
}

function readComposite(raw: unknown): Value {
  if (Array.isArray(raw)) return new JsonList(raw, readAny);
  if (isPlain(raw)) return new JsonMap(raw, readAny);
  return isValue(raw) ? raw : null;
}

/** A value of one of our classes that is handed in as it is. */
function isValue(raw: unknown): raw is Value {
  return raw instanceof Uint8Array || valueClasses.some((made) => raw instanceof made);
}

const valueClasses = [
  OpaqueValue,
  OptionalValue,
  Timestamp,
  Duration,
  Uint,
  TypeValue,
  ListValue,
  MapValue,
  ObjectValue,
] as const;

function isPlain(raw: unknown): raw is Readonly<Record<string, unknown>> {
  if (!isObject(raw)) return false;
  // Nearly always: to ask each class takes longer than the rest.
  const prototype: unknown = Object.getPrototypeOf(raw);
  return prototype === Object.prototype || prototype === null || !isValue(raw);
}

const nanosOfSecond = 1_000_000_000n;

function readTimestamp(text: string): Value {
  const instant = parseTime(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (instant === undefined) throw new CelError(`Invalid date-time or date string "${text}"`);
  return new Timestamp(BigInt(instant.seconds) * nanosOfSecond + BigInt(instant.nanos));
}

function readDuration(text: string): Value {
  const nanos = parseDuration(text);
  if (nanos === undefined) throw new CelError(`Invalid duration string "${text}"`);
  return new Duration(nanos);
}
