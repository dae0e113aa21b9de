import type { CronSchedule } from "../../api/batch/cron-schedule.ts";
import { nextTime, type TimeZone } from "./next-time.ts";

export interface Timetable {
  readonly schedule: CronSchedule;
  readonly zone: TimeZone;
}

export interface Due {
  /** The latest time that has come and has had no run; in milliseconds. */
  readonly time?: number;
  /** More times were missed than anybody wants to make up for. */
  readonly missedMany: boolean;
}

/** The times of the schedule make no sense: they are less than a second apart, or there are none. */
export class SenselessScheduleError extends Error {}

const many = 100;

/**
 * The newest time since `earliest` that has come: of times that were missed only the last is made up for. Their number is
 * estimated by the distance of the first two, so that years of them cost no more than a few.
 */
export function dueTime({ schedule, zone }: Timetable, earliest: number, now: number): Due {
  const first = nextTime(schedule, earliest, zone);
  if (first === undefined)
    throw new SenselessScheduleError("time difference between two schedules is less than 1 second");
  if (now < first) return { missedMany: false };
  const second = nextTime(schedule, first, zone);
  if (second === undefined || now < second) return { time: first, missedMany: false };
  const distance = second - first;
  const missed = Math.floor((now - first) / distance) + 1;
  // Times are not evenly spread: one distance further back, none that counts is passed over.
  let time: number | undefined;
  for (let next = nextTime(schedule, first + (missed - 2) * distance, zone); next !== undefined && next <= now;) {
    time = next;
    next = nextTime(schedule, next, zone);
  }
  return { ...(time === undefined ? {} : { time }), missedMany: missed > many };
}

/** Milliseconds until the next look: a little after the time itself, so that it has surely come. */
export function untilNext({ schedule, zone }: Timetable, now: number): number | undefined {
  const next = nextTime(schedule, now, zone);
  return next === undefined ? undefined : next - now + 100;
}
