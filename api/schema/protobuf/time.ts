import { malformed, wireTypes } from "./reader.ts";
import { writeInteger, type WireType } from "./wire-type.ts";
import { expectWire, wrapped } from "./wrapped.ts";

/** 0001-01-01T00:00:00Z is Go's zero time, which is null in JSON and an empty message on the wire. */
const firstSecond = -62_135_596_800;
const lastSecond = 253_402_300_799;

/** meta.Time: whole seconds in both forms. */
export const time: WireType = timestamp({
  print: (seconds) => `${isoSeconds(seconds)}Z`,
  nanos: () => 0,
});

/** meta.MicroTime: exactly six digits. */
export const microTime: WireType = timestamp({
  print: (seconds, nanos) => `${isoSeconds(seconds)}.${String(Math.floor(nanos / 1000)).padStart(6, "0")}Z`,
  nanos: (fraction) => Number(fraction.slice(0, 6).padEnd(6, "0")) * 1000,
});

function timestamp(form: {
  print(seconds: number, nanos: number): string;
  nanos(fractionDigits: string): number;
}): WireType {
  return wrapped(
    () => {
      let seconds: number | bigint | undefined;
      let nanos = 0;
      return {
        readField(reader, number, wire) {
          seconds ??= 0;
          if (number !== 1 && number !== 2) return reader.skip(wire);
          expectWire(wire, wireTypes.varint);
          if (number === 1) seconds = reader.int64();
          else nanos = reader.int32();
        },
        finish() {
          if (seconds === undefined || (seconds === firstSecond && nanos === 0)) return null;
          if (
            typeof seconds === "bigint" ||
            seconds < firstSecond ||
            seconds > lastSecond ||
            nanos < 0 ||
            nanos > 999_999_999
          )
            throw malformed("a time outside of the years 1 to 9999");
          return form.print(seconds, nanos);
        },
      };
    },
    (writer, value) => {
      if (value === undefined || value === null) return;
      const parts =
        typeof value === "string"
          ? /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/i.exec(value)
          : null;
      const seconds = parts === null ? Number.NaN : Date.parse(`${parts[1]}${parts[3]}`) / 1000;
      if (Number.isNaN(seconds)) throw writer.refuse("text that is no RFC 3339 time");
      const nanos = form.nanos(parts?.[2] ?? "");
      if (seconds === firstSecond && nanos === 0) return;
      writeInteger(writer, nanos);
      writer.tag(2, wireTypes.varint);
      writeInteger(writer, seconds);
      writer.tag(1, wireTypes.varint);
    },
    () => null,
  );
}

function isoSeconds(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}
