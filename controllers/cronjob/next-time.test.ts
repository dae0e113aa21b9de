import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCronSchedule } from "../../api/batch/cron-schedule.ts";
import { nextTime, timeZone } from "./next-time.ts";

function next(schedule: string, after: string, zone = ""): string | undefined {
  const time = nextTime(parseCronSchedule(schedule), Date.parse(after), timeZone(zone));
  return time === undefined ? undefined : new Date(time).toISOString().replace(/:00\.000Z$/, "Z");
}

describe("the next time of a schedule", () => {
  it.each([
    ["* * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:01Z"],
    ["* * * * *", "2026-01-01T00:00:30.5Z", "2026-01-01T00:01Z"],
    ["*/15 * * * *", "2026-01-01T00:46:00Z", "2026-01-01T01:00Z"],
    ["0 2 * * *", "2026-01-01T02:00:00Z", "2026-01-02T02:00Z"],
    ["30 6-16/4 * * 1-5", "2026-01-02T14:30:00Z", "2026-01-05T06:30Z"],
    ["0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00Z"],
    ["0 0 13 * 5", "2026-03-01T00:00:00Z", "2026-03-06T00:00Z"],
    ["0 0 */2 * 5", "2026-03-01T00:00:00Z", "2026-03-13T00:00Z"],
    ["@monthly", "2026-12-05T00:00:00Z", "2027-01-01T00:00Z"],
    ["59 23 31 2 *", "2026-01-01T00:00:00Z", undefined],
  ])("of %s after %s is %s", (schedule, after, expected) => {
    expect(next(schedule, after)).toBe(expected);
  });

  it.each([
    ["0 9 * * *", "2026-01-01T00:00:00Z", "America/New_York", "2026-01-01T14:00Z"],
    ["0 9 * * *", "2026-07-01T00:00:00Z", "America/New_York", "2026-07-01T13:00Z"],
    // Clocks go from 2:00 to 3:00 on March 8: there is no 2:30 on that day.
    ["30 2 * * *", "2026-03-07T08:00:00Z", "America/New_York", "2026-03-09T06:30Z"],
    // They go from 2:00 back to 1:00 on November 1: 1:30 comes twice.
    ["30 1 * * *", "2026-11-01T05:30:00Z", "America/New_York", "2026-11-01T06:30Z"],
    ["0 0 1 * *", "2026-01-15T00:00:00Z", "Asia/Kolkata", "2026-01-31T18:30Z"],
    // Clocks skip midnight.
    ["0 0 * * *", "2018-11-03T12:00:00Z", "America/Sao_Paulo", "2018-11-05T02:00Z"],
    ["0 12 * * *", "2018-11-03T20:00:00Z", "America/Sao_Paulo", "2018-11-04T14:00Z"],
  ])("of %s after %s in %s is %s", (schedule, after, zone, expected) => {
    expect(next(schedule, after, zone)).toBe(expected);
  });

  it("counts from the whole second in steps of @every", () => {
    expect(nextTime(parseCronSchedule("@every 90s"), 1500, timeZone(""))).toBe(91_000);
  });

  it("is later, fits, and nothing in between fits", () => {
    const part = (most: number): fc.Arbitrary<string> => fc.oneof(fc.constant("*"), fc.nat(most).map(String));
    const zones = fc.constantFrom("", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe");
    const start = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2027, 0) });
    fc.assert(
      fc.property(part(59), part(23), part(6), zones, start, (minute, hour, weekday, zone, after) => {
        const clocks = timeZone(zone);
        const time = nextTime(parseCronSchedule(`${minute} ${hour} * * ${weekday}`), after, clocks) ?? 0;
        expect(time).toBeGreaterThan(after);
        const fits = (at: number): boolean => {
          const wall = clocks.at(at);
          const says: readonly (readonly [string, number])[] = [
            [minute, wall.minute],
            [hour, wall.hour],
            [weekday, wall.weekday],
          ];
          return says.every(([field, value]) => field === "*" || Number(field) === value);
        };
        expect(fits(time)).toBe(true);
        const before = Math.min(time - after, 3 * 3_600_000);
        for (let at = time - 60_000; at > time - before; at -= 60_000) expect(fits(at)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it("is asked of no place that does not exist", () => {
    expect(() => timeZone("Mars/Phobos")).toThrow(RangeError);
  });
});
