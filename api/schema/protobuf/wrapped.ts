import { formatDuration, parseDuration } from "../../machinery/duration.ts";
import type { Json } from "../../machinery/object.ts";
import { canonicalQuantity, QuantityError } from "../../machinery/quantity.ts";
import { malformed, type Reader, wireTypes } from "./reader.ts";
import { describe, int32, string, type WireType, writeInteger } from "./wire-type.ts";
import type { Writer } from "./writer.ts";

/** Types that are a message on the wire and a plain value in JSON. */
interface Wrapped {
  /** Reads one field; the reader stands behind its tag. */
  readField(reader: Reader, number: number, wire: number): void;
  /** The JSON value of all fields read. */
  finish(): Json;
}

export function wrapped(
  start: () => Wrapped,
  write: (writer: Writer, value: Json | undefined) => void,
  zero: () => Json,
): WireType {
  return {
    wire: wireTypes.bytes,
    scalar: false,
    read(reader) {
      const outer = reader.enter();
      const value = start();
      while (reader.at < reader.end) {
        const tag = reader.tag();
        value.readField(reader, tag >>> 3, tag & 7);
      }
      reader.leave(outer);
      return value.finish();
    },
    write(writer, value) {
      const mark = writer.size;
      write(writer, value);
      writer.length(mark);
    },
    zero,
  };
}

/** Reads the field if it is the expected one, else skips it. */
export function expectWire(actual: number, expected: number): void {
  if (actual !== expected) throw malformed(`wrong wire type ${actual}`);
}

/** resource.Quantity { string = 1 }; Go reads it as a number and writes its canonical form. */
export const quantity: WireType = wrapped(
  () => {
    let text = "";
    return {
      readField(reader, number, wire) {
        if (number !== 1) return reader.skip(wire);
        expectWire(wire, wireTypes.bytes);
        text = reader.string();
      },
      finish: () => canonical(text),
    };
  },
  (writer, value) => {
    const text = typeof value === "number" || typeof value === "bigint" ? String(value) : (value ?? "0");
    string.write(writer, typeof text === "string" ? canonical(text) : text);
    writer.tag(1, wireTypes.bytes);
  },
  () => "0",
);

function canonical(text: string): string {
  try {
    return canonicalQuantity(text);
  } catch (thrown) {
    if (thrown instanceof QuantityError) throw malformed(thrown.message);
    throw thrown;
  }
}

/** intstr.IntOrString { type = 1, intVal = 2, strVal = 3 } */
export const intOrString: WireType = wrapped(
  () => {
    let type = 0;
    let intVal = 0;
    let strVal = "";
    return {
      readField(reader, number, wire) {
        if (number < 1 || number > 3) return reader.skip(wire);
        expectWire(wire, number === 3 ? wireTypes.bytes : wireTypes.varint);
        if (number === 1) type = reader.int32();
        else if (number === 2) intVal = reader.int32();
        else strVal = reader.string();
      },
      finish() {
        if (type !== 0 && type !== 1) throw malformed("impossible IntOrString.Type");
        return type === 0 ? intVal : strVal;
      },
    };
  },
  (writer, value) => {
    const isText = typeof value === "string";
    writer.string(isText ? value : "");
    writer.tag(3, wireTypes.bytes);
    int32.write(writer, isText ? 0 : value);
    writer.tag(2, wireTypes.varint);
    writer.varint(isText ? 1 : 0);
    writer.tag(1, wireTypes.varint);
  },
  () => 0,
);

/** meta.Verbs and the ExtraValues: { items = 1 repeated string }, a list in JSON; here nil differs from empty. */
export const stringList: WireType = wrapped(
  () => {
    const items: string[] = [];
    return {
      readField(reader, number, wire) {
        if (number !== 1) return reader.skip(wire);
        expectWire(wire, wireTypes.bytes);
        items.push(reader.string());
      },
      finish: () => items,
    };
  },
  (writer, value) => {
    if (value === undefined || value === null) return;
    if (!Array.isArray(value)) throw writer.refuse(describe(value));
    for (let index = value.length - 1; index >= 0; index--) {
      string.write(writer, value[index]);
      writer.tag(1, wireTypes.bytes);
    }
  },
  () => [],
);

/** meta.Duration { duration = 1 } in nanoseconds. */
export const duration: WireType = wrapped(
  () => {
    let nanoseconds: number | bigint = 0;
    return {
      readField(reader, number, wire) {
        if (number !== 1) return reader.skip(wire);
        expectWire(wire, wireTypes.varint);
        nanoseconds = reader.int64();
      },
      finish: () => formatDuration(BigInt(nanoseconds)),
    };
  },
  (writer, value) => {
    const nanoseconds = typeof value === "string" ? parseDuration(value) : (value ?? 0);
    if (nanoseconds === undefined) throw writer.refuse("text that is no duration");
    writeInteger(writer, nanoseconds);
    writer.tag(1, wireTypes.varint);
  },
  () => "0s",
);
