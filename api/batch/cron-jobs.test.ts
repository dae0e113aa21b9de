import { describe, expect, test } from "vitest";
import type { CronJob, CronJobSpec } from "../generated/types/batch-v1.ts";
import { ago, cellsOf, findingsOf } from "../row.testing.ts";
import { cronJobs } from "./cron-jobs.ts";
import { parseCronSchedule } from "./cron-schedule.ts";

const jobTemplate = {
  spec: { template: { spec: { restartPolicy: "OnFailure", containers: [{ name: "tick", image: "tick:1" }] } } },
};

function cronJob(spec: Partial<CronJobSpec> = {}, status: CronJob["status"] = {}): CronJob {
  return {
    metadata: { name: "tick", creationTimestamp: ago(60) },
    spec: { schedule: "*/5 * * * *", jobTemplate, ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

describe("the row of kubectl get cronjobs", () => {
  test("before the first job", () => {
    expect(cellsOf(cronJobs, cronJob({ suspend: false }))).toMatchObject({
      Schedule: "*/5 * * * *",
      Timezone: "<none>",
      Suspend: "False",
      Active: 0,
      "Last Schedule": "<none>",
      Containers: "tick",
      Selector: "<none>",
    });
  });

  test("after it", () => {
    const given = cronJob(
      { suspend: true, timeZone: "Europe/Paris" },
      { lastScheduleTime: ago(45), active: [{ name: "tick-1" }] },
    );
    expect(cellsOf(cronJobs, given)).toMatchObject({
      Timezone: "Europe/Paris",
      Suspend: "True",
      Active: 1,
      "Last Schedule": "45s",
    });
  });
});

describe("what is wrong with a cron job", () => {
  test.each<[string, Partial<CronJobSpec>, string]>([
    ["no schedule", { schedule: "" }, "spec.schedule: Required value"],
    [
      "too few fields",
      { schedule: "* * *" },
      'spec.schedule: Invalid value: "* * *": expected exactly 5 fields, found 3: [* * *]',
    ],
    [
      "a minute too many",
      { schedule: "60 * * * *" },
      'spec.schedule: Invalid value: "60 * * * *": end of range (60) above maximum (59): 60',
    ],
    [
      "a zone in the schedule",
      { schedule: "TZ=UTC 0 * * * *" },
      'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
    [
      "an unknown zone",
      { timeZone: "Mars/Olympus" },
      'spec.timeZone: Invalid value: "Mars/Olympus": unknown time zone Mars/Olympus',
    ],
    [
      "the local zone",
      { timeZone: "Local" },
      'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
    ],
    [
      "a negative history",
      { failedJobsHistoryLimit: -1 },
      "spec.failedJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0",
    ],
  ])("%s", (_name, spec, expected) => {
    expect(findingsOf(cronJobs, cronJob(spec))).toEqual([expected]);
  });

  test("a name that leaves no room for its jobs'", () => {
    expect(findingsOf(cronJobs, { ...cronJob(), metadata: { name: "a".repeat(53) } } as CronJob)).toEqual([
      `metadata.name: Invalid value: "${"a".repeat(53)}": must be no more than 52 characters`,
    ]);
  });
});

describe("schedules", () => {
  test.each<[string, number[]]>([
    ["*/20 * * * *", [0, 20, 40]],
    ["5/20 * * * *", [5, 25, 45]],
    ["1-3,58 * * * *", [1, 2, 3, 58]],
    ["10-20/5 * * * *", [10, 15, 20]],
    ["@hourly", [0]],
  ])("%s", (text, minutes) => {
    const schedule = parseCronSchedule(text);
    expect("fields" in schedule ? [...schedule.fields.minutes].sort((a, b) => a - b) : []).toEqual(minutes);
  });

  test("months and days have names", () => {
    const schedule = parseCronSchedule("0 0 ? JAN-mar,dec Sun");
    expect(schedule).toMatchObject({
      fields: { months: new Set([1, 2, 3, 12]), daysOfWeek: new Set([0]), anyDayOfMonth: true, anyDayOfWeek: false },
    });
  });

  test("@every takes a duration", () => {
    expect(parseCronSchedule("@every 1h30m")).toEqual({ everySeconds: 5400 });
    expect(parseCronSchedule("@every 1.5h")).toEqual({ everySeconds: 5400 });
    expect(parseCronSchedule("@every 0s")).toEqual({ everySeconds: 1 });
  });

  test.each([
    "",
    "@never",
    "@every",
    "@every day",
    "1--2 * * * *",
    "1/2/3 * * * *",
    "5-1 * * * *",
    "*/0 * * * *",
    "x * * * *",
    "0 0 0 * *",
    "0 0 * * 7",
  ])("refuses %j", (text) => {
    expect(() => parseCronSchedule(text)).toThrow();
  });
});

describe("an update of a cron job", () => {
  const zoned = "CRON_TZ=UTC 0 * * * *";
  test.each<[string, Partial<CronJobSpec>, Partial<CronJobSpec>, string[]]>([
    ["that keeps a zone in its schedule", { schedule: zoned }, { schedule: zoned }, []],
    [
      "that puts a zone into its schedule",
      { schedule: zoned },
      {},
      [`spec.schedule: Invalid value: "${zoned}": cannot use TZ or CRON_TZ in schedule, use timeZone field instead`],
    ],
    [
      "that says its zone twice",
      { schedule: zoned, timeZone: "UTC" },
      { schedule: zoned },
      [`spec.schedule: Invalid value: "${zoned}": cannot use both timeZone field and TZ or CRON_TZ in schedule`],
    ],
    ["that keeps a zone that nobody knows", { timeZone: "Mars/Olympus" }, { timeZone: "Mars/Olympus" }, []],
    ["to an offset", { timeZone: "+01" }, {}, ['spec.timeZone: Invalid value: "+01": unknown time zone +01']],
  ])("%s", (_name, spec, before, expected) => {
    expect(findingsOf(cronJobs, cronJob(spec), cronJob(before))).toEqual(expected);
  });
});
