import { microTimeText, parseTime, timeText, type Instant } from "../../machinery/time.ts";
import { malformed, wireTypes } from "./reader.ts";
import { writeInteger, type WireType } from "./wire-type.ts";
import { expectWire, wrapped } from "./wrapped.ts";

/** 0001-01-01T00:00:00Z is Go's zero time, which is null in JSON and an empty message on the wire. */
const firstSecond = -62_135_596_800;
const lastSecond = 253_402_300_799;

/** meta.Time: whole seconds in both forms. */
export const time: WireType = timestamp({ print: timeText, finest: 1_000_000_000 });

/** meta.MicroTime: exactly six digits. */
export const microTime: WireType = timestamp({ print: microTimeText, finest: 1000 });

/** `finest`: what is shorter, in nanoseconds, is cut off before it is written. */
function timestamp({ print, finest }: { print(instant: Instant): string; readonly finest: number }): WireType {
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
          return print({ seconds, nanos });
        },
      };
    },
    (writer, value) => {
      if (value === undefined || value === null) return;
      const instant = typeof value === "string" ? parseTime(value) : undefined;
      if (instant === undefined) throw writer.refuse("text that is no RFC 3339 time");
      const nanos = instant.nanos - (instant.nanos % finest);
      if (instant.seconds === firstSecond && nanos === 0) return;
      writeInteger(writer, nanos);
      writer.tag(2, wireTypes.varint);
      writeInteger(writer, instant.seconds);
      writer.tag(1, wireTypes.varint);
    },
    () => null,
  );
}
