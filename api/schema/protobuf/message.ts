import { isObject, setOwn } from "../../machinery/members.ts";
import type { Json, JsonObject } from "../../machinery/object.ts";
import { malformed, type Reader, wireTypes } from "./reader.ts";
import { describe, type WireType } from "./wire-type.ts";
import type { Writer } from "./writer.ts";

export interface Field {
  /** The JSON key. */
  readonly name: string;
  readonly number: number;
  readonly type: WireType;
  /** `inline`: a message whose members stand in the parent's JSON object. */
  readonly shape: "single" | "list" | "map" | "inline";
  /** Not written unless set: Go pointers, and bytes. */
  readonly optional: boolean;
  /** The JSON of a field that is not on the wire: none, null, or the type's zero value. */
  readonly absent: "none" | "null" | "zero";
  /** omitempty of a scalar, omitzero: a zero value leaves no JSON, though it may be on the wire. */
  readonly dropZero: boolean;
}

export interface Message {
  readonly name: string;
  /** In the order of the Go struct, which is the order of its JSON. */
  readonly fields: readonly Field[];
  /** Field number → position in `fields`. */
  readonly positions: ReadonlyMap<number, number>;
  readonly inDescendingOrder: readonly Field[];
}

export function message(name: string, fields: readonly Field[]): Message {
  return {
    name,
    fields,
    positions: new Map(fields.map((field, position) => [field.number, position])),
    inDescendingOrder: fields.toSorted((a, b) => b.number - a.number),
  };
}

/** A message as the type of a field; resolved on first use, as messages contain each other. */
export function messageType(resolve: () => Message): WireType {
  return {
    wire: wireTypes.bytes,
    scalar: false,
    read(reader) {
      const outer = reader.enter();
      const value = readMessage(reader, resolve());
      reader.leave(outer);
      return value;
    },
    write(writer, value) {
      if (value !== undefined && value !== null && !isObject(value)) throw writer.refuse(describe(value));
      const mark = writer.size;
      writer.enter();
      writeMessage(writer, resolve(), value ?? {});
      writer.leave();
      writer.length(mark);
    },
    zero(reader) {
      reader.count();
      return assemble(reader, resolve(), []);
    },
  };
}

/** Reads fields up to the reader's end. Of a repeated single field the last one counts. */
export function readMessage(reader: Reader, of: Message): JsonObject {
  const values: (Json | undefined)[] = [];
  while (reader.at < reader.end) {
    const tag = reader.tag();
    const position = of.positions.get(tag >>> 3);
    const field = position === undefined ? undefined : of.fields[position];
    if (position === undefined || field === undefined) reader.skip(tag & 7);
    else if ((tag & 7) !== field.type.wire && field.shape !== "map")
      values[position] = packed(reader, field, tag & 7, values[position]);
    else if (field.shape === "list") values[position] = append(values[position], field.type.read(reader));
    else if (field.shape === "map") values[position] = readEntry(reader, field, tag & 7, values[position]);
    else values[position] = field.type.read(reader);
  }
  return assemble(reader, of, values);
}

/** Go's encoding/json of the struct that holds these values. */
function assemble(reader: Reader, of: Message, values: readonly (Json | undefined)[]): JsonObject {
  const object: JsonObject = {};
  for (let position = 0; position < of.fields.length; position++) {
    const field = of.fields[position]!;
    let value = values[position];
    if (value === undefined) {
      if (field.absent === "none") continue;
      value = field.absent === "null" ? null : field.type.zero(reader);
    }
    // "", 0, false and null are the zero values that omitempty drops.
    if (field.dropZero && !value) continue;
    if (field.shape === "inline") Object.assign(object, value);
    else object[field.name] = value;
  }
  return object;
}

function append(list: Json | undefined, item: Json): Json[] {
  if (!Array.isArray(list)) return [item];
  list.push(item);
  return list;
}

/** Repeated numbers may come one by one or packed into one field. */
function packed(reader: Reader, field: Field, wire: number, list: Json | undefined): Json[] {
  if (field.shape !== "list" || field.type.wire !== wireTypes.varint || wire !== wireTypes.bytes)
    throw malformed(`wrong wire type ${wire} for field ${field.name}`);
  const items = Array.isArray(list) ? list : [];
  const outer = reader.enter();
  while (reader.at < reader.end) items.push(field.type.read(reader));
  reader.leave(outer);
  return items;
}

/** One entry of a map: a message { key = 1, value = 2 }. */
function readEntry(reader: Reader, field: Field, wire: number, map: Json | undefined): JsonObject {
  if (wire !== wireTypes.bytes) throw malformed(`wrong wire type ${wire} for field ${field.name}`);
  const object = map !== undefined && isObject(map) ? map : {};
  const outer = reader.enter();
  let key = "";
  let value: Json | undefined;
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag === keyTag) key = reader.string();
    else if (tag === valueNumber * 8 + field.type.wire) value = field.type.read(reader);
    else reader.skip(tag & 7);
  }
  reader.leave(outer);
  setOwn(
    object,
    key,
    value ?? (field.type.wire === wireTypes.bytes && field.type.scalar ? "" : field.type.zero(reader)),
  );
  return object;
}

const keyTag = 10;
const valueNumber = 2;

/** Writes what Go would write for the struct that this JSON decodes to. */
export function writeMessage(writer: Writer, of: Message, object: JsonObject): void {
  for (const field of of.inDescendingOrder) {
    const value = field.shape === "inline" ? object : object[field.name];
    if (field.optional && (value === undefined || value === null)) continue;
    writer.field = field.name;
    if (field.shape === "list") writeList(writer, field, value);
    else if (field.shape === "map") writeMap(writer, field, value);
    else {
      field.type.write(writer, value);
      writer.tag(field.number, field.type.wire);
    }
  }
}

function writeList(writer: Writer, field: Field, list: Json | undefined): void {
  if (!Array.isArray(list)) throw writer.refuse(describe(list ?? null));
  for (let index = list.length - 1; index >= 0; index--) {
    field.type.write(writer, list[index]);
    writer.tag(field.number, field.type.wire);
  }
}

/** Go sorts the keys, so that equal objects have equal bytes. */
function writeMap(writer: Writer, field: Field, map: Json | undefined): void {
  if (map === undefined || !isObject(map)) throw writer.refuse(describe(map ?? null));
  for (const key of Object.keys(map).sort().reverse()) {
    const mark = writer.size;
    field.type.write(writer, map[key]);
    writer.tag(valueNumber, field.type.wire);
    writer.string(key);
    writer.varint(keyTag);
    writer.length(mark);
    writer.tag(field.number, wireTypes.bytes);
  }
}
