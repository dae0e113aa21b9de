import type { Json } from "../../machinery/object.ts";
import { malformed, type Reader, wireTypes } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** How values of one type go between JSON and the wire. */
export interface WireType {
  readonly wire: number;
  /** Go prints nothing for its zero value under `omitempty`; structs and their like are printed always. */
  readonly scalar: boolean;
  /** A value with its length prefix, where it has one. */
  read(reader: Reader): Json;
  /** `undefined` and null are written as the zero value, as Go holds nothing else in a field that is no pointer. */
  write(writer: Writer, value: Json | undefined): void;
  /** The JSON of Go's zero value. */
  zero(reader: Reader): Json;
}

export const string: WireType = {
  wire: wireTypes.bytes,
  scalar: true,
  read: (reader) => reader.string(),
  write(writer, value) {
    if (typeof value === "string") writer.string(value);
    else if (value === undefined || value === null) writer.string("");
    else throw writer.refuse(describe(value));
  },
  zero: () => "",
};

export const boolean: WireType = {
  wire: wireTypes.varint,
  scalar: true,
  read: (reader) => reader.boolean(),
  write(writer, value) {
    if (typeof value === "boolean") writer.boolean(value);
    else if (value === undefined || value === null) writer.boolean(false);
    else throw writer.refuse(describe(value));
  },
  zero: () => false,
};

function integer(read: (reader: Reader) => Json): WireType {
  return {
    wire: wireTypes.varint,
    scalar: true,
    read,
    write: writeInteger,
    zero: () => 0,
  };
}

export function writeInteger(writer: Writer, value: Json | undefined): void {
  if (typeof value === "number" && Number.isSafeInteger(value)) writer.varint(value);
  else if (typeof value === "bigint") writer.bigVarint(value);
  else if (value === undefined || value === null) writer.varint(0);
  else throw writer.refuse(describe(value));
}

export const int32: WireType = integer((reader) => reader.int32());
/** Beyond 2^53 it is a bigint. */
export const int64: WireType = integer((reader) => reader.int64());

export const double: WireType = {
  wire: wireTypes.fixed64,
  scalar: true,
  read(reader) {
    const value = reader.double();
    if (!Number.isFinite(value)) throw malformed("a number that JSON cannot hold");
    return value;
  },
  write(writer, value) {
    if (typeof value === "number" || typeof value === "bigint") writer.double(Number(value));
    else if (value === undefined || value === null) writer.double(0);
    else throw writer.refuse(describe(value));
  },
  zero: () => 0,
};

/** base64 text in JSON; nil differs from empty. */
export const bytes: WireType = {
  wire: wireTypes.bytes,
  scalar: true,
  read: (reader) => reader.view().toString("base64"),
  write(writer, value) {
    const mark = writer.size;
    if (typeof value === "string") writer.raw(Buffer.from(value, "base64"));
    else if (value !== undefined && value !== null) throw writer.refuse(describe(value));
    writer.length(mark);
  },
  zero: () => null,
};

export function describe(value: Json): string {
  if (Array.isArray(value)) return "a list";
  return value === null ? "null" : `a value of type ${typeof value}`;
}
