import type { CronFields, CronSchedule } from "../../api/batch/cron-schedule.ts";

const minuteMs = 60_000;
/** What has no day in so many years has none at all: the 31st of February. */
const searchMs = 5 * 366 * 86_400_000;

/** Where clocks stand. */
interface WallTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

/** Clocks of a place, by IANA's name. Throws a RangeError for a place that nobody knows. */
export interface TimeZone {
  readonly name: string;
  at(milliseconds: number): WallTime;
}

export function timeZone(name: string): TimeZone {
  const zone = name === "" ? "UTC" : name;
  if (zone === "UTC") return { name: zone, at: utcTime };
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    ...{ year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" },
  });
  return {
    name: zone,
    at(milliseconds) {
      const parts: Record<string, number> = {};
      for (const { type, value } of format.formatToParts(milliseconds)) parts[type] = Number(value);
      const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
      return utcTime(Date.UTC(year, month - 1, day, hour, minute));
    },
  };
}

function utcTime(milliseconds: number): WallTime {
  const date = new Date(milliseconds);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    weekday: date.getUTCDay(),
  };
}

/**
 * The first time of a schedule after another time, both in milliseconds; undefined where there is none. An hour that
 * clocks skip in spring is skipped, and one that they show twice in autumn counts twice.
 */
export function nextTime(schedule: CronSchedule, after: number, zone: TimeZone): number | undefined {
  if ("everySeconds" in schedule) return Math.floor(after / 1000) * 1000 + schedule.everySeconds * 1000;
  const { fields } = schedule;
  const end = after + searchMs;
  let time = Math.floor(after / minuteMs) * minuteMs + minuteMs;
  while (time <= end) {
    const wall = zone.at(time);
    if (!fields.months.has(wall.month)) time = later(time, startOf(wall.year, wall.month + 1, 1, zone));
    else if (!isDay(wall, fields)) time = later(time, startOf(wall.year, wall.month, wall.day + 1, zone));
    else if (!fields.hours.has(wall.hour)) time += (60 - wall.minute) * minuteMs;
    else if (!fields.minutes.has(wall.minute)) time += minuteMs;
    else return time;
  }
  return undefined;
}

/** When both fields of the day say something, it is enough to fit one of them. */
function isDay({ day, weekday }: WallTime, fields: CronFields): boolean {
  const [fitsMonth, fitsWeek] = [fields.daysOfMonth.has(day), fields.daysOfWeek.has(weekday)];
  return fields.anyDayOfMonth || fields.anyDayOfWeek ? fitsMonth && fitsWeek : fitsMonth || fitsWeek;
}

/** When a day begins in a zone. Where clocks skip midnight it is an hour off, and the search goes on from there. */
function startOf(year: number, month: number, day: number, zone: TimeZone): number {
  const wall = Date.UTC(year, month - 1, day);
  let time = wall;
  // The second round finds the offset of that very time.
  for (let round = 0; round < 2; round += 1) {
    const { year: y, month: m, day: d, hour, minute } = zone.at(time);
    time += wall - Date.UTC(y, m - 1, d, hour, minute);
  }
  return time;
}

function later(now: number, then: number): number {
  return then > now ? then : now + 60 * minuteMs;
}
