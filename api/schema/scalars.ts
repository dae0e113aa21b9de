/**
 * One JSON value of a type without members → the same value as Go prints it. Each throws a `MismatchError` for what its
 * type cannot hold, and is never given null: that is the type's zero value, which `zeroOf` knows.
 */
import { goKind } from "../machinery/json.ts";
import type { DeepReadonly, Json } from "../machinery/object.ts";
import { canonicalQuantity, QuantityError } from "../machinery/quantity.ts";
import { mismatch, MismatchError } from "./mismatch.ts";
import type { ValueType } from "./schema.ts";
import { conformDuration, conformMicroTime, conformTime } from "./time-text.ts";

/** `known` is a converted value that this one may be, in part: what is the same object in both stays that object. */
export type Convert = (value: Json, known?: DeepReadonly<Json>) => Json;
type Scalar = Exclude<ValueType, { type: "struct" | "list" | "map" | "schemaOr" }>;

const text: ValueType = { type: "string" };

export function scalar(type: Scalar): Convert {
  switch (type.type) {
    case "string":
      return string;
    case "boolean":
      return boolean;
    case "integer":
      return integer(type.bits, type.unsigned === true);
    case "number":
      return number;
    case "bytes":
      return bytes;
    case "time":
      return (value) => parsed(value, conformTime);
    case "microTime":
      return (value) => parsed(value, conformMicroTime);
    case "duration":
      return (value) => parsed(value, conformDuration);
    case "quantity":
      return quantity;
    case "intOrString":
      return (value) => (typeof value === "string" ? value : toInt32(value));
    case "any":
      return (value) => value;
  }
}

/** What Go prints for a value that was never set. */
export function zeroOf(type: Scalar): Json {
  switch (type.type) {
    case "string":
      return "";
    case "boolean":
      return false;
    case "integer":
    case "number":
    case "intOrString":
      return 0;
    case "quantity":
      return "0";
    case "duration":
      return "0s";
    case "bytes":
    case "time":
    case "microTime":
    case "any":
      return null;
  }
}

function string(value: Json): Json {
  if (typeof value !== "string") throw mismatch(value, text);
  return value;
}

function boolean(value: Json): Json {
  if (typeof value !== "boolean") throw mismatch(value, { type: "boolean" });
  return value;
}

function integer(bits: 32 | 64, unsigned: boolean): Convert {
  const width = BigInt(unsigned ? bits : bits - 1);
  const high = 2n ** width - 1n;
  const low = unsigned ? 0n : -(high + 1n);
  const [safeLow, safeHigh] =
    bits === 32 ? [Number(low), Number(high)] : [unsigned ? 0 : Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  const type: ValueType = { type: "integer", bits, unsigned };
  return (value) => {
    // Adding 0 turns -0 into 0.
    if (typeof value === "number" && Number.isInteger(value) && value >= safeLow && value <= safeHigh) return value + 0;
    if (typeof value === "bigint" && value >= low && value <= high) {
      return value >= BigInt(safeLow) && value <= BigInt(safeHigh) ? Number(value) : value;
    }
    if (typeof value !== "number" && typeof value !== "bigint") throw mismatch(value, type);
    throw new MismatchError({ found: `number ${value}`, wanted: `${unsigned ? "u" : ""}int${bits}` });
  };
}

const toInt32 = integer(32, false);

function number(value: Json): Json {
  if (typeof value === "number") return value + 0;
  if (typeof value === "bigint") return Number(value);
  throw mismatch(value, { type: "number" });
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Go's decoder overlooks line breaks inside, and the encoder clears the bits that do not belong to a byte. */
function bytes(value: Json): Json {
  if (typeof value !== "string") throw mismatch(value, { type: "bytes" });
  const joined = /[\r\n]/.test(value) ? value.replaceAll(/[\r\n]/g, "") : value;
  if (!base64.test(joined))
    throw new MismatchError({ said: `illegal base64 data at input byte ${firstIllegalByte(value)}` });
  return joined.endsWith("=") ? Buffer.from(joined, "base64").toString("base64") : joined;
}

function firstIllegalByte(value: string): number {
  let digits = 0;
  for (let at = 0; at < value.length; at++) {
    const char = value.charAt(at);
    if (char === "\r" || char === "\n") continue;
    if (char === "=" && digits % 4 >= 2) {
      const rest = value.slice(at).replaceAll(/[\r\n]/g, "");
      const padding = "=".repeat(4 - (digits % 4));
      return rest.startsWith(padding) ? at + padding.length : value.length;
    }
    if (!/[A-Za-z0-9+/]/.test(char)) return at;
    digits++;
  }
  return Math.max(0, value.length - (digits % 4));
}

/** The side of a JSONSchemaPropsOrBool that is no schema. */
export function boolOrSchema(value: Json): Json {
  if (typeof value !== "boolean") throw new MismatchError({ said: "boolean or JSON schema expected" });
  return value;
}

function quantity(value: Json): Json {
  const given = typeof value === "string" ? value.trim() : typeof value === "object" ? goKind(value) : String(value);
  try {
    return canonicalQuantity(given);
  } catch (thrown) {
    if (thrown instanceof QuantityError) throw new MismatchError({ said: thrown.message });
    throw thrown;
  }
}

function parsed(value: Json, parse: (text: string) => Json): Json {
  if (typeof value !== "string") throw mismatch(value, text);
  return parse(value);
}
