import type { Json, JsonObject } from "../../machinery/object.ts";
import { setOwn } from "../../machinery/members.ts";
import { CelError } from "../cel.ts";
import { durationText, timestampText } from "../library/conversions.ts";
import { ListValue } from "./list.ts";
import { readAny } from "./read.ts";
import { valueText } from "./text.ts";
import { MapValue } from "./map.ts";
import { JsonObjectValue, ObjectValue } from "./object.ts";
import { Duration, OptionalValue, Timestamp, Uint, type Value } from "./value.ts";

/** The JSON of what an expression has answered; parts of its input stay as they are. Throws CelError where there is none. */
export function plainJson(value: Value): Json {
  if (value === null || typeof value === "string" || typeof value === "boolean" || typeof value === "number")
    return value;
  if (typeof value === "bigint") return plainInt(value);
  if (value instanceof ListValue) return [...value].map(plainJson);
  if (value instanceof MapValue) return plainMap(value);
  if (value instanceof ObjectValue) return plainObject(value);
  return plainScalar(value);
}

function plainInt(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function plainScalar(value: Exclude<Extract<Value, object>, ListValue | MapValue | ObjectValue>): Json {
  if (value instanceof Uint) return plainInt(value.value);
  if (value instanceof Timestamp) return timestampText(value.nanos);
  if (value instanceof Duration) return durationText(value.nanos);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof OptionalValue) return value.value === undefined ? null : plainJson(value.value);
  throw new CelError(`unsupported conversion of ${value.typeName} to JSON`);
}

function plainMap(map: MapValue): JsonObject {
  const object: JsonObject = {};
  for (const key of map.keys()) {
    if (typeof key !== "string") throw new CelError(`unsupported map key ${valueText(key)} in JSON`);
    setOwn(object, key, plainJson(map.get(key) ?? null));
  }
  return object;
}

function plainObject(object: ObjectValue): JsonObject {
  const plain: JsonObject = {};
  if (object instanceof JsonObjectValue) {
    for (const [name, value] of Object.entries(object.json)) setOwn(plain, name, plainJson(readAny(value)));
    return plain;
  }
  for (const name of object.fields()) setOwn(plain, name, plainJson(object.get(name) ?? null));
  return plain;
}
