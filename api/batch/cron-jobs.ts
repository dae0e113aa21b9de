import { containerCells, containerColumns } from "../core/cells.ts";
import type { CronJob, CronJobSpec } from "../generated/types/batch-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, nonNegative, required } from "../machinery/findings.ts";
import { maxLength } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { formatLabelSelector } from "../machinery/printing/labels.ts";
import { defineResource, type ResourceRow, type WriteContext } from "../resource.ts";
import { CronScheduleError, parseCronSchedule } from "./cron-schedule.ts";
import { validateJobTemplate } from "./job-validation.ts";

export const cronJobs: ResourceRow = defineResource<CronJob>({
  group: "batch",
  version: "v1",
  kind: "CronJob",
  plural: "cronjobs",
  shortNames: ["cj"],
  categories: ["all"],
  scope: "Namespaced",
  definition: "io.k8s.api.batch.v1.CronJob",
  storageVersionHash: "sd5LIXh4Fjs=",
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  generation: ({ spec }) => [spec],
  reset: { main: ["status"], status: ["spec"] },
  unconditionalUpdate: true,
  prepareForCreate(cronJob) {
    cronJob.status = {};
  },
  validate,
  table: {
    columns: [
      nameColumn,
      { name: "Schedule", type: "string", description: "When jobs are made." },
      { name: "Timezone", type: "string", description: "The time zone that the schedule is read in." },
      { name: "Suspend", type: "boolean", description: "Whether no jobs are made for now." },
      { name: "Active", type: "integer", description: "Jobs that are running." },
      { name: "Last Schedule", type: "string", description: "When a job was made last." },
      ageColumn,
      ...containerColumns,
      { name: "Selector", type: "string", priority: 1, description: "Labels of the jobs' pods." },
    ],
    cells: ({ metadata, spec, status }, { now }) => [
      metadata?.name ?? "",
      spec?.schedule ?? "",
      spec?.timeZone ?? "<none>",
      spec?.suspend === undefined ? "<unset>" : spec.suspend ? "True" : "False",
      status?.active?.length ?? 0,
      status?.lastScheduleTime === undefined ? "<none>" : age(status.lastScheduleTime, now),
      age(metadata?.creationTimestamp, now),
      ...containerCells(spec?.jobTemplate?.spec?.template),
      formatLabelSelector(spec?.jobTemplate?.spec?.selector),
    ],
  },
});

/** A job's name is the cron job's, a dash and the minute: it must still be a DNS label. */
const longestName = 63 - 11;

function validate({ metadata, spec }: DeepReadonly<CronJob>, { subresource }: WriteContext): FieldError[] {
  if (subresource === "status") return [];
  const name = metadata?.name ?? "";
  const findings = name.length > longestName ? [bad("metadata.name", name, maxLength(longestName))] : [];
  return [...findings, ...(spec === undefined ? [required("spec")] : validateSpec(spec))];
}

function validateSpec(spec: DeepReadonly<CronJobSpec>): FieldError[] {
  return [
    ...validateSchedule(spec),
    ...validateTimeZone(spec.timeZone),
    ...nonNegative("spec.startingDeadlineSeconds", spec.startingDeadlineSeconds),
    ...nonNegative("spec.successfulJobsHistoryLimit", spec.successfulJobsHistoryLimit),
    ...nonNegative("spec.failedJobsHistoryLimit", spec.failedJobsHistoryLimit),
    ...validateJobTemplate(spec.jobTemplate?.spec ?? { template: {} }, "spec.jobTemplate.spec"),
  ];
}

function validateSchedule({ schedule }: DeepReadonly<CronJobSpec>): FieldError[] {
  if (!schedule) return [required("spec.schedule")];
  if (schedule.includes("TZ"))
    return [bad("spec.schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")];
  try {
    parseCronSchedule(schedule);
    return [];
  } catch (thrown) {
    if (thrown instanceof CronScheduleError) return [bad("spec.schedule", schedule, thrown.message)];
    throw thrown;
  }
}

function validateTimeZone(timeZone: string | undefined): FieldError[] {
  const field = "spec.timeZone";
  if (timeZone === undefined) return [];
  if (timeZone === "") return [bad(field, timeZone, "timeZone must be nil or non-empty string")];
  if (timeZone.toLowerCase() === "local") {
    return [
      bad(field, timeZone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"),
    ];
  }
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return [];
  } catch (thrown) {
    if (thrown instanceof RangeError) return [bad(field, timeZone, `unknown time zone ${timeZone}`)];
    throw thrown;
  }
}
