import type { CronJob, Job } from "../../api/generated/types/batch-v1.ts";
import type { ObjectReference } from "../../api/generated/types/core-v1.ts";
import { deepClone } from "../../api/machinery/clone.ts";
import { controllerReference } from "../../api/machinery/owners.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { cronJobs, jobs } from "../../client/resource-types.ts";
import type { TimeZone } from "./next-time.ts";

const scheduledTimeKey = "batch.kubernetes.io/cronjob-scheduled-timestamp";

export function jobName(cronJob: string, time: number): string {
  return `${cronJob}-${Math.floor(time / 60_000)}`;
}

/** The run of a time, in milliseconds. */
export function jobFor(cronJob: DeepReadonly<CronJob>, time: number, zone: TimeZone): Job {
  const { namespace = "", name = "" } = cronJob.metadata ?? {};
  const { metadata, spec } = cronJob.spec?.jobTemplate ?? {};
  return {
    metadata: {
      namespace,
      name: jobName(name, time),
      labels: { ...metadata?.labels },
      annotations: { ...metadata?.annotations, [scheduledTimeKey]: zonedTime(time, zone) },
      ownerReferences: [controllerReference(cronJob, cronJobs)],
    },
    ...(spec === undefined ? {} : { spec: deepClone(spec) }),
  };
}

/** RFC 3339, as clocks show it in the zone. */
function zonedTime(time: number, zone: TimeZone): string {
  const { year, month, day, hour, minute } = zone.at(time);
  const wall = Date.UTC(year, month - 1, day, hour, minute) + (time % 60_000);
  const shown = new Date(wall).toISOString().slice(0, 19);
  const offset = Math.round((wall - time) / 60_000);
  if (offset === 0) return `${shown}Z`;
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${shown}${offset < 0 ? "-" : "+"}${two(hours)}:${two(minutes)}`;
}

export function runReference({ metadata }: DeepReadonly<Job>): ObjectReference {
  const { namespace = "", name = "", uid = "", resourceVersion = "" } = metadata ?? {};
  return { kind: jobs.kind, apiVersion: jobs.apiVersion, namespace, name, uid, resourceVersion };
}
