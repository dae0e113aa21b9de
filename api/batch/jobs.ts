import { containerCells, containerColumns } from "../core/cells.ts";
import { podNameWarnings } from "../core/pod-warnings.ts";
import type { Job } from "../generated/types/batch-v1.ts";
import { humanDuration } from "../machinery/duration.ts";
import { dnsLabel } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { formatLabelSelector } from "../machinery/printing/labels.ts";
import { timeMillis } from "../machinery/time.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateJobStatusUpdate } from "./job-status-validation.ts";
import {
  validateGeneratedSelector,
  validateIndexedName,
  validateJobSpec,
  validateJobUpdate,
} from "./job-validation.ts";
import { jobWarnings } from "./job-warnings.ts";

type ReadonlyJob = DeepReadonly<Job>;

export const jobs: ResourceRow = defineResource<Job>({
  group: "batch",
  version: "v1",
  kind: "Job",
  plural: "jobs",
  categories: ["all"],
  scope: "Namespaced",
  definition: "io.k8s.api.batch.v1.Job",
  storageVersionHash: "mudhfqk/qZY=",
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  generation: ({ spec }) => [spec],
  reset: { main: ["status"], status: ["spec"] },
  unconditionalUpdate: true,
  defaultPropagation: "Orphan",
  prepareForCreate(job) {
    job.status = {};
    selectOwnPods(job);
  },
  validate(job, { subresource, operation }) {
    if (subresource === "status") return [];
    const findings = validateJobSpec(job.spec ?? { template: {} }, "spec");
    return operation === "update"
      ? findings
      : [...validateGeneratedSelector(job), ...findings, ...validateIndexedName(job)];
  },
  validateUpdate: (job, old, { subresource }) =>
    subresource === "status" ? validateJobStatusUpdate(job, old) : validateJobUpdate(job, old),
  warn: ({ metadata, spec }, old) => [
    ...(old === undefined ? podNameWarnings(dnsLabel(metadata?.name ?? "")) : []),
    ...(old === undefined || metadata?.generation !== old.metadata?.generation ? jobWarnings(spec, "spec") : []),
  ],
  selectableFields: { "status.successful": ({ status }) => String(status?.succeeded ?? 0) },
  table: {
    columns: [
      nameColumn,
      { name: "Status", type: "string", description: "Whether the job runs, waits or has ended." },
      { name: "Completions", type: "string", description: "Pods that succeeded, of those that are wanted." },
      { name: "Duration", type: "string", description: "How long the job has run, or ran." },
      ageColumn,
      ...containerColumns,
      { name: "Selector", type: "string", priority: 1, description: "Labels of the job's pods." },
    ],
    cells: (job, { now }) => [
      job.metadata?.name ?? "",
      status(job),
      completions(job),
      duration(job, now),
      age(job.metadata?.creationTimestamp, now),
      ...containerCells(job.spec?.template),
      formatLabelSelector(job.spec?.selector),
    ],
  },
});

/** A job finds its pods by its own uid, so that no two jobs ever share one, unless its maker wants to choose. */
function selectOwnPods({ metadata, spec }: Job): void {
  const uid = metadata?.uid;
  if (spec === undefined || spec.manualSelector === true || uid === undefined) return;
  const name = metadata?.name ?? "";
  spec.template ??= {};
  spec.template.metadata ??= {};
  spec.template.metadata.labels = {
    "controller-uid": uid,
    "job-name": name,
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": name,
    // Labels of one's own stay, and are refused if they say something else.
    ...spec.template.metadata.labels,
  };
  spec.selector = {
    ...spec.selector,
    matchLabels: { "batch.kubernetes.io/controller-uid": uid, ...spec.selector?.matchLabels },
  };
}

function status({ status: { conditions = [] } = {}, metadata }: ReadonlyJob): string {
  const has = (wanted: string): boolean => conditions.find(({ type }) => type === wanted)?.status === "True";
  if (has("Complete")) return "Complete";
  if (has("Failed")) return "Failed";
  if (metadata?.deletionTimestamp) return "Terminating";
  if (has("Suspended")) return "Suspended";
  if (has("FailureTarget")) return "FailureTarget";
  return has("SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running";
}

function completions({ spec, status: { succeeded = 0 } = {} }: ReadonlyJob): string {
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function duration({ status: { startTime, completionTime } = {} }: ReadonlyJob, now: number): string {
  const start = timeMillis(startTime);
  return start === undefined ? "" : humanDuration(((timeMillis(completionTime) ?? now) - start) / 1000);
}
