import { canonicalQuantity, QuantityError } from "../../machinery/quantity.ts";
import type { Json } from "../../machinery/object.ts";
import { malformed, wireTypes, type Reader } from "./reader.ts";
import { describe, int32, string, writeInteger, type WireType } from "./wire-type.ts";
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

const units: readonly (readonly [string, bigint])[] = [
  ["h", 3_600_000_000_000n],
  ["m", 60_000_000_000n],
  ["s", 1_000_000_000n],
  ["ms", 1_000_000n],
  ["us", 1000n],
  ["µs", 1000n],
  ["ns", 1n],
];

/** Go's Duration.String(): `1h0m0s`, `1.5s`, `20ms`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return "0s";
  const sign = nanoseconds < 0n ? "-" : "";
  const left = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (left < 1000n) return `${sign}${left}ns`;
  if (left < 1_000_000n) return `${sign}${decimal(left, 3)}µs`;
  if (left < 1_000_000_000n) return `${sign}${decimal(left, 6)}ms`;
  const seconds = `${decimal(left % 60_000_000_000n, 9)}s`;
  const minutes = left / 60_000_000_000n;
  if (minutes === 0n) return sign + seconds;
  return minutes < 60n ? `${sign}${minutes}m${seconds}` : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** value / 10^places without trailing zeros. */
function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, "0");
  const fraction = digits.slice(-places).replace(/0+$/, "");
  const whole = digits.slice(0, -places);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** Go's ParseDuration; undefined for text that is none. */
export function parseDuration(text: string): bigint | undefined {
  if (text === "0") return 0n;
  const parts = /^([+-]?)((?:\d+(?:\.\d*)?|\.\d+)(?:h|m|s|ms|us|µs|ns))+$/.exec(text);
  if (parts === null) return undefined;
  let sum = 0n;
  for (const [, whole = "", fraction = "", unit] of text.matchAll(/(\d*)(?:\.(\d*))?(ms|us|µs|ns|h|m|s)/g)) {
    const scale = units.find(([name]) => name === unit)?.[1] ?? 1n;
    sum += (BigInt(whole + fraction) * scale) / 10n ** BigInt(fraction.length);
  }
  return parts[1] === "-" ? -sum : sum;
}
