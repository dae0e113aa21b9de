import { parseDuration } from "../machinery/duration.ts";

/** Schedules of cron jobs: five fields, or `@daily` and the like. https://en.wikipedia.org/wiki/Cron */
export interface CronFields {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly daysOfMonth: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly daysOfWeek: ReadonlySet<number>;
  /** A day must fit both day fields when one of them is `*`; either, when both say something. */
  readonly anyDayOfMonth: boolean;
  readonly anyDayOfWeek: boolean;
}

export type CronSchedule = { readonly fields: CronFields } | { readonly everySeconds: number };

/** The message says what is wrong with the text. */
export class CronScheduleError extends Error {
  override readonly name = "CronScheduleError";
}

interface Bounds {
  readonly low: number;
  readonly high: number;
  readonly names?: readonly string[];
}

const minute: Bounds = { low: 0, high: 59 };
const hour: Bounds = { low: 0, high: 23 };
const dayOfMonth: Bounds = { low: 1, high: 31 };
const month: Bounds = {
  low: 1,
  high: 12,
  names: ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const dayOfWeek: Bounds = { low: 0, high: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

const shorthands = new Map([
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
  ["@monthly", "0 0 1 * *"],
  ["@weekly", "0 0 * * 0"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@hourly", "0 * * * *"],
]);

export function parseCronSchedule(text: string): CronSchedule {
  if (text.startsWith("@every ")) return { everySeconds: parseEvery(text) };
  const spelled = shorthands.get(text);
  if (text.startsWith("@") && spelled === undefined) throw new CronScheduleError(`unrecognized descriptor: ${text}`);
  const parts = (spelled ?? text).trim().split(/\s+/);
  const [m, h, dom, mon, dow] = parts;
  if (
    parts.length !== 5 ||
    m === undefined ||
    h === undefined ||
    dom === undefined ||
    mon === undefined ||
    dow === undefined
  ) {
    throw new CronScheduleError(
      `expected exactly 5 fields, found ${parts[0] === "" ? 0 : parts.length}: [${parts.join(" ")}]`,
    );
  }
  return {
    fields: {
      minutes: parseField(m, minute),
      hours: parseField(h, hour),
      daysOfMonth: parseField(dom, dayOfMonth),
      months: parseField(mon, month),
      daysOfWeek: parseField(dow, dayOfWeek),
      anyDayOfMonth: /^[*?]/.test(dom),
      anyDayOfWeek: /^[*?]/.test(dow),
    },
  };
}

function parseField(text: string, bounds: Bounds): ReadonlySet<number> {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const { from, to, step } = parseRange(part, bounds);
    for (let value = from; value <= to; value += step) values.add(value);
  }
  return values;
}

/** `*`, `5`, `1-5`, and each of them with `/step`. */
function parseRange(text: string, bounds: Bounds): { from: number; to: number; step: number } {
  const [range = "", stepText, ...moreSteps] = text.split("/");
  const [low = "", high, ...moreBounds] = range.split("-");
  if (moreSteps.length > 0) throw new CronScheduleError(`too many slashes: ${text}`);
  if (moreBounds.length > 0) throw new CronScheduleError(`too many hyphens: ${text}`);
  const every = low === "*" || low === "?";
  const from = every ? bounds.low : parseValue(low, bounds);
  // `5/10` means from 5 on, in steps of ten.
  const open = every || (high === undefined && stepText !== undefined);
  const to = open ? bounds.high : high === undefined ? from : parseValue(high, bounds);
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  if (from < bounds.low)
    throw new CronScheduleError(`beginning of range (${from}) below minimum (${bounds.low}): ${text}`);
  if (to > bounds.high) throw new CronScheduleError(`end of range (${to}) above maximum (${bounds.high}): ${text}`);
  if (from > to) throw new CronScheduleError(`beginning of range (${from}) beyond end of range (${to}): ${text}`);
  if (step === 0) throw new CronScheduleError(`step of range should be a positive number: ${text}`);
  return { from, to, step };
}

function parseValue(text: string, { names }: Bounds): number {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  return named >= 0 && text !== "" ? named : parseNumber(text);
}

function parseNumber(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new CronScheduleError(`failed to parse int from ${text}`);
  return Number(text);
}

/** `@every 1h30m`: whole seconds, one at least. */
function parseEvery(text: string): number {
  const nanos = parseDuration(text.slice("@every ".length));
  if (nanos === undefined) throw new CronScheduleError(`failed to parse duration ${text}`);
  return Math.max(1, Number(nanos / 1_000_000_000n));
}
