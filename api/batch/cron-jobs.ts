import { containerCells, containerColumns } from "../core/cells.ts";
import { podNameWarnings } from "../core/pod-warnings.ts";
import type { CronJob, CronJobSpec } from "../generated/types/batch-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, nonNegative, required, unsupported } from "../machinery/findings.ts";
import { dnsLabel, maxLength } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { formatLabelSelector } from "../machinery/printing/labels.ts";
import { defineResource, type ResourceRow, type WriteContext } from "../resource.ts";
import { CronScheduleError, parseCronSchedule } from "./cron-schedule.ts";
import { validateJobTemplate } from "./job-validation.ts";
import { jobWarnings } from "./job-warnings.ts";

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
  validateUpdate,
  warn: warnings,
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

function validate({ metadata, spec }: DeepReadonly<CronJob>, { subresource, operation }: WriteContext): FieldError[] {
  if (subresource === "status") return [];
  const name = metadata?.name ?? "";
  const findings = spec === undefined ? [required("spec")] : validateSpec(spec);
  // One that is older than the rule may still be changed.
  if (operation === "create" && name.length > longestName)
    findings.push(bad("metadata.name", name, maxLength(longestName)));
  // What an update may keep is told by `validateUpdate`.
  return operation === "create"
    ? [...findings, ...validateTimeZone(spec?.timeZone), ...validateZone(spec, false)]
    : findings;
}

function validateUpdate(
  { spec }: DeepReadonly<CronJob>,
  old: DeepReadonly<CronJob>,
  { subresource }: WriteContext,
): FieldError[] {
  if (subresource === "status") return [];
  const had = (old.spec?.schedule ?? "").includes("TZ");
  return [
    ...validateZone(spec, had),
    ...(spec?.timeZone === old.spec?.timeZone ? [] : validateTimeZone(spec?.timeZone)),
  ];
}

function validateSpec(spec: DeepReadonly<CronJobSpec>): FieldError[] {
  const job = spec.jobTemplate?.spec ?? { template: {} };
  const path = "spec.jobTemplate.spec";
  return [
    ...validateSchedule(spec),
    ...nonNegative("spec.startingDeadlineSeconds", spec.startingDeadlineSeconds),
    ...validateJobTemplate(job, path),
    ...(job.selector === undefined ? [] : [bad(`${path}.selector`, job.selector, "`selector` will be auto-generated")]),
    ...(job.manualSelector === true ? [unsupported(`${path}.manualSelector`, true, ["nil", "false"])] : []),
    ...nonNegative("spec.successfulJobsHistoryLimit", spec.successfulJobsHistoryLimit),
    ...nonNegative("spec.failedJobsHistoryLimit", spec.failedJobsHistoryLimit),
  ];
}

function validateSchedule({ schedule }: DeepReadonly<CronJobSpec>): FieldError[] {
  if (!schedule) return [required("spec.schedule")];
  try {
    parseCronSchedule(schedule.replace(/^(?:CRON_)?TZ=\S* */, ""));
    return [];
  } catch (thrown) {
    if (thrown instanceof CronScheduleError) return [bad("spec.schedule", schedule, thrown.message)];
    throw thrown;
  }
}

/** A time zone in the schedule is an old habit that only those who have it may keep. */
function validateZone(spec: DeepReadonly<CronJobSpec> | undefined, had: boolean): FieldError[] {
  const { schedule = "", timeZone } = spec ?? {};
  if (!schedule.includes("TZ") || (had && timeZone === undefined)) return [];
  const detail = had
    ? "cannot use both timeZone field and TZ or CRON_TZ in schedule"
    : "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
  return [bad("spec.schedule", schedule, detail)];
}

const zonePart = /^[A-Za-z._0-9+][A-Za-z._0-9+-]{0,13}$/;

/** https://data.iana.org/time-zones/theory.html#naming */
function validateTimeZone(timeZone: string | undefined): FieldError[] {
  const field = "spec.timeZone";
  if (timeZone === undefined) return [];
  if (timeZone === "") return [bad(field, timeZone, "timeZone must be nil or non-empty string")];
  const unknown = bad(field, timeZone, `unknown time zone ${timeZone}`);
  if (timeZone.split("/").some((part) => part === "." || part === ".." || !zonePart.test(part))) return [unknown];
  if (timeZone.toLowerCase() === "local") {
    const detail = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
    return [bad(field, timeZone, detail), ...(timeZone === "Local" ? [] : [unknown])];
  }
  try {
    // Offsets such as +01 are no names, although this knows them.
    if (timeZone.startsWith("+")) return [unknown];
    new Intl.DateTimeFormat("en", { timeZone });
    return [];
  } catch (thrown) {
    if (thrown instanceof RangeError) return [unknown];
    throw thrown;
  }
}

function warnings(
  { metadata, spec }: DeepReadonly<CronJob>,
  old: DeepReadonly<CronJob> | undefined,
): readonly string[] {
  const changed = old === undefined || metadata?.generation !== old.metadata?.generation;
  return [
    ...(old === undefined ? podNameWarnings(dnsLabel(metadata?.name ?? "")) : []),
    ...(changed ? jobWarnings(spec?.jobTemplate?.spec, "spec.jobTemplate.spec") : []),
    ...((spec?.schedule ?? "").includes("TZ")
      ? [
          "CRON_TZ or TZ used in spec.spec.schedule is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details",
        ]
      : []),
  ];
}
