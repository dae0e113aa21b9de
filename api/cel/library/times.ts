import { CelError } from "../cel.ts";
import type { Value } from "../values/value.ts";
import { declare, declareSite, type Declaration } from "./declare.ts";
import { asDuration, asText, asTimestamp, type Implementation } from "./overload.ts";

/** The parts of a time as a clock on the wall shows them, held as if it were UTC. */
type WallClock = Date;

const getters: readonly (readonly [name: string, read: (clock: WallClock) => number])[] = [
  ["getFullYear", (clock) => clock.getUTCFullYear()],
  ["getMonth", (clock) => clock.getUTCMonth()],
  ["getDayOfMonth", (clock) => clock.getUTCDate() - 1],
  ["getDate", (clock) => clock.getUTCDate()],
  ["getDayOfWeek", (clock) => clock.getUTCDay()],
  ["getDayOfYear", dayOfYear],
  ["getHours", (clock) => clock.getUTCHours()],
  ["getMinutes", (clock) => clock.getUTCMinutes()],
  ["getSeconds", (clock) => clock.getUTCSeconds()],
  ["getMilliseconds", (clock) => clock.getUTCMilliseconds()],
];

/** From zero. */
function dayOfYear(clock: WallClock): number {
  const start = new Date(clock);
  start.setUTCMonth(0, 1);
  return Math.round((clock.getTime() - start.getTime()) / 86_400_000);
}

function milliseconds(value: Value): number {
  const nanos = asTimestamp(value);
  const millis = nanos / 1_000_000n;
  return Number(nanos % 1_000_000n < 0n ? millis - 1n : millis);
}

/** How far a zone's clocks are ahead of UTC, in milliseconds. */
type Offset = (at: number) => number;

function zoneOffset(zone: string): Offset {
  const [, sign = "", hours = "", minutes = ""] = /^([-+]?)(\d{1,2}):(\d{2})$/.exec(zone) ?? [];
  if (hours !== "") {
    const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
    return () => (sign === "-" ? -offset : offset);
  }
  return namedOffset(zone);
}

function namedOffset(zone: string): Offset {
  if (zone === "" || zone === "UTC") return () => 0;
  let clock: Intl.DateTimeFormat;
  try {
    clock = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  } catch {
    throw new CelError(`unknown time zone ${zone}`);
  }
  return (at) => {
    const name = clock.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "";
    const [, sign = "", hours = "0", minutes = "0", seconds = "0"] = /([-+])(\d+):(\d+)(?::(\d+))?/.exec(name) ?? [];
    const offset = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
    return sign === "-" ? -offset : offset;
  };
}

/** To find a zone takes longer than all the rest. */
function inZone(read: (clock: WallClock) => number): () => Implementation {
  return () => {
    let known: { readonly zone: string; readonly offset: Offset } | undefined;
    return (time, zone) => {
      const name = asText(zone);
      if (known?.zone !== name) known = { zone: name, offset: zoneOffset(name) };
      const at = milliseconds(time);
      return BigInt(read(new Date(at + known.offset(at))));
    };
  };
}

const parts: readonly Declaration[] = getters.flatMap(([name, read]) => [
  declare(`timestamp.${name}(): int`, (time) => BigInt(read(new Date(milliseconds(time))))),
  declareSite(`timestamp.${name}(string): int`, inZone(read)),
]);

export const times: readonly Declaration[] = [
  ...parts,
  declare("duration.getHours(): int", (a) => asDuration(a) / 3_600_000_000_000n),
  declare("duration.getMinutes(): int", (a) => asDuration(a) / 60_000_000_000n),
  declare("duration.getSeconds(): int", (a) => asDuration(a) / 1_000_000_000n),
  declare("duration.getMilliseconds(): int", (a) => asDuration(a) / 1_000_000n),
];
