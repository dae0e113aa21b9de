import { CronScheduleError, parseCronSchedule } from "../../api/batch/cron-schedule.ts";
import type { CronJob, CronJobStatus, Job } from "../../api/generated/types/batch-v1.ts";
import { semanticEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { isControlledBy } from "../../api/machinery/owners.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { formatTime, timeMillis } from "../../api/machinery/time.ts";
import type { ObjectEvent } from "../../client/event-recorder.ts";
import type { Informer } from "../../client/informer.ts";
import type { Outcome } from "../../client/reconciler.ts";
import { cronJobs as cronJobType, jobs as jobType } from "../../client/resource-types.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { conditionOf, isFinished } from "../job/job-conditions.ts";
import { type OwnedLookup, ownedLookup, watchOwned, watchSelf } from "../owned.ts";
import { isNamespaceGoing } from "../pods/pod-control.ts";
import { dueTime, SenselessScheduleError, type Timetable, untilNext } from "./due.ts";
import { jobFor, jobName, runReference } from "./new-job.ts";
import { timeZone } from "./next-time.ts";

type ReadonlyCronJob = DeepReadonly<CronJob>;
type ReadonlyJob = DeepReadonly<Job>;
type Status = DeepReadonly<CronJobStatus>;

interface Parts {
  readonly cronJobs: Informer<CronJob>;
  readonly jobs: OwnedLookup<Job>;
  readonly deps: ControllerDeps;
}

/** Makes Jobs at the times of a schedule. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ */
export const cronJobController: Controller = {
  name: "cronjob-controller",
  start(deps) {
    const cronJobs = deps.informers.of(cronJobType);
    const jobs = deps.informers.of(jobType);
    const parts: Parts = { cronJobs, jobs: ownedLookup(jobs), deps };
    const reconciler = deps.reconciler({ reconcile: (key) => reconcile(key, parts) });
    const add = (key: string): void => reconciler.add(key);
    watchSelf(cronJobs, add);
    watchOwned({ ownerType: cronJobType, owners: cronJobs, owned: jobs, add });
  },
};

async function reconcile(key: string, parts: Parts): Promise<Outcome> {
  const { cronJobs, jobs, deps } = parts;
  const cronJob = cronJobs.get(key);
  if (cronJob === undefined) return;
  const seen = withRuns(cronJob, jobs.of(cronJob), deps);
  const { status, after } = await runIfDue({ ...cronJob, status: seen }, deps);
  const kept = await removeOldRuns(cronJob, jobs.of(cronJob), status, deps);
  if (!semanticEqual(kept, cronJob.status ?? {}))
    await deps.client.update(cronJobType, { ...cronJob, status: kept }, "status");
  return after === undefined ? undefined : { after };
}

const event = (deps: ControllerDeps, cronJob: ReadonlyCronJob, told: ObjectEvent): void =>
  deps.events.event(cronJob, told);

/** What its runs have come to: those that have finished, or are gone, are active no longer. */
function withRuns(cronJob: ReadonlyCronJob, runs: readonly ReadonlyJob[], deps: ControllerDeps): Status {
  const before = cronJob.status ?? {};
  let active = before.active ?? [];
  let lastSuccess = timeMillis(before.lastSuccessfulTime);
  for (const run of runs) {
    const { name = "", uid } = run.metadata ?? {};
    const isListed = active.some((listed) => listed.uid === uid);
    if (!isFinished(run)) {
      const message = `Saw a job that the controller did not create or forgot: ${name}`;
      if (!isListed) event(deps, cronJob, { type: "Warning", reason: "UnexpectedJob", message });
      continue;
    }
    if (isListed) {
      active = active.filter((listed) => listed.uid !== uid);
      const condition = conditionOf(run, "Complete") === undefined ? "Failed" : "Complete";
      const message = `Saw completed job: ${name}, condition: ${condition}`;
      event(deps, cronJob, { type: "Normal", reason: "SawCompletedJob", message });
    }
    const end = conditionOf(run, "Complete") === undefined ? undefined : timeMillis(run.status?.completionTime);
    if (end !== undefined) lastSuccess = Math.max(lastSuccess ?? end, end);
  }
  const present = new Set(runs.map(({ metadata }) => metadata?.uid));
  for (const { name = "" } of active.filter(({ uid }) => !present.has(uid)))
    event(deps, cronJob, { type: "Normal", reason: "MissingJob", message: `Active job went missing: ${name}` });
  return {
    ...before,
    active: active.filter(({ uid }) => present.has(uid)),
    ...(lastSuccess === undefined ? {} : { lastSuccessfulTime: formatTime(lastSuccess) }),
  };
}

interface Looked {
  readonly status: Status;
  /** Milliseconds until the next look. */
  readonly after?: number | undefined;
}

async function runIfDue(cronJob: ReadonlyCronJob, deps: ControllerDeps): Promise<Looked> {
  const status = cronJob.status ?? {};
  if (cronJob.metadata?.deletionTimestamp !== undefined) return { status };
  const timetable = timetableOf(cronJob, deps);
  if (timetable === undefined || cronJob.spec?.suspend === true) return { status };
  const now = deps.clock.now();
  const after = untilNext(timetable, now);
  const time = dueRun(cronJob, timetable, deps);
  if (time === undefined || isDone(cronJob, time)) return { status, after };
  const active = status.active ?? [];
  if (active.length > 0 && cronJob.spec?.concurrencyPolicy === "Forbid") {
    const message = "Not starting job because prior execution is running and concurrency policy is Forbid";
    event(deps, cronJob, { type: "Normal", reason: "JobAlreadyActive", message });
    return { status, after };
  }
  if (cronJob.spec?.concurrencyPolicy === "Replace")
    for (const { namespace, name = "" } of active) await deleteRun(cronJob, { namespace, name }, deps);
  const kept = cronJob.spec?.concurrencyPolicy === "Replace" ? [] : active;
  const run = await createRun(cronJob, time, timetable, deps);
  if (run === undefined) return { status: { ...status, active: kept }, after };
  return { status: { ...status, active: [...kept, runReference(run)], lastScheduleTime: formatTime(time) }, after };
}

/** Undefined, and told, where it cannot be read: until somebody changes it nothing can be done. */
function timetableOf(cronJob: ReadonlyCronJob, deps: ControllerDeps): Timetable | undefined {
  const { schedule = "", timeZone: zone = "" } = cronJob.spec ?? {};
  try {
    return { zone: timeZone(zone), schedule: parseCronSchedule(schedule) };
  } catch (thrown) {
    if (thrown instanceof RangeError) {
      const message = `invalid timeZone: ${JSON.stringify(zone)}: unknown time zone ${zone}`;
      event(deps, cronJob, { type: "Warning", reason: "UnknownTimeZone", message });
    } else if (thrown instanceof CronScheduleError) {
      const message = `unparseable schedule: ${JSON.stringify(schedule)} : ${thrown.message}`;
      event(deps, cronJob, { type: "Warning", reason: "UnparseableSchedule", message });
    } else throw thrown;
    return undefined;
  }
}

/** The time of the run that should have begun by now; what is too late is told and passed over. */
function dueRun(cronJob: ReadonlyCronJob, timetable: Timetable, deps: ControllerDeps): number | undefined {
  const now = deps.clock.now();
  const { startingDeadlineSeconds, schedule = "" } = cronJob.spec ?? {};
  const since = timeMillis(cronJob.status?.lastScheduleTime) ?? timeMillis(cronJob.metadata?.creationTimestamp) ?? now;
  const deadline = startingDeadlineSeconds === undefined ? -Infinity : now - startingDeadlineSeconds * 1000;
  try {
    const { time, missedMany } = dueTime(timetable, Math.max(since, deadline), now);
    if (time !== undefined && missedMany) {
      const message = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
      event(deps, cronJob, { type: "Warning", reason: "TooManyMissedTimes", message });
    }
    if (time === undefined || time >= deadline) return time;
    const message = `Missed scheduled time to start a job: ${new Date(time).toUTCString().replace("GMT", "+0000")}`;
    event(deps, cronJob, { type: "Warning", reason: "MissSchedule", message });
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof SenselessScheduleError)) throw thrown;
    const message = `invalid schedule: ${schedule} : ${thrown.message}`;
    event(deps, cronJob, { type: "Warning", reason: "InvalidSchedule", message });
    return undefined;
  }
}

/** The run of this time has been made already. */
function isDone({ metadata, status }: ReadonlyCronJob, time: number): boolean {
  if (timeMillis(status?.lastScheduleTime) === time) return true;
  const run = jobName(metadata?.name ?? "", time);
  return status?.active?.some(({ name }) => name === run) === true;
}

/** Its name tells the time, so that a run that was made before a crash is found instead of made twice. */
async function createRun(
  cronJob: ReadonlyCronJob,
  time: number,
  { zone }: Timetable,
  deps: ControllerDeps,
): Promise<ReadonlyJob | undefined> {
  const job = jobFor(cronJob, time, zone);
  try {
    const run = await deps.client.create(jobType, job);
    const message = `Created job ${run.metadata?.name ?? ""}`;
    event(deps, cronJob, { type: "Normal", reason: "SuccessfulCreate", message });
    return run;
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.reason === "AlreadyExists") {
      const { namespace, name = "" } = job.metadata ?? {};
      const found = await deps.client.get(jobType, { namespace, name });
      return isControlledBy(found, cronJob) ? found : undefined;
    }
    if (!isNamespaceGoing(thrown)) {
      const message = `Error creating job: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
      event(deps, cronJob, { type: "Warning", reason: "FailedCreate", message });
    }
    throw thrown;
  }
}

interface RunName {
  readonly namespace?: string | undefined;
  readonly name: string;
}

async function deleteRun(cronJob: ReadonlyCronJob, run: RunName, deps: ControllerDeps): Promise<void> {
  try {
    await deps.client.delete(jobType, run, { propagationPolicy: "Background" });
    event(deps, cronJob, { type: "Normal", reason: "SuccessfulDelete", message: `Deleted job ${run.name}` });
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.reason === "NotFound") return;
    const message = `Deleted job: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    event(deps, cronJob, { type: "Warning", reason: "FailedDelete", message });
    throw thrown;
  }
}

/** Of each outcome so many are kept, the newest. */
async function removeOldRuns(
  cronJob: ReadonlyCronJob,
  runs: readonly ReadonlyJob[],
  status: Status,
  deps: ControllerDeps,
): Promise<Status> {
  const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = cronJob.spec ?? {};
  const limits = [
    { outcome: "Complete", limit: successfulJobsHistoryLimit },
    { outcome: "Failed", limit: failedJobsHistoryLimit },
  ];
  const old = limits.flatMap(({ outcome, limit = Infinity }) => {
    const ended = runs.filter((run) => conditionOf(run, outcome) !== undefined).toSorted(byStart);
    return ended.slice(0, Math.max(0, ended.length - limit));
  });
  for (const { metadata } of old)
    await deleteRun(cronJob, { namespace: metadata?.namespace, name: metadata?.name ?? "" }, deps);
  const gone = new Set(old.map(({ metadata }) => metadata?.uid));
  return { ...status, active: (status.active ?? []).filter(({ uid }) => !gone.has(uid)) };
}

function byStart(left: ReadonlyJob, right: ReadonlyJob): number {
  const start = ({ status }: ReadonlyJob): number => timeMillis(status?.startTime) ?? Infinity;
  const names = (left.metadata?.name ?? "") < (right.metadata?.name ?? "") ? -1 : 1;
  return start(left) === start(right) ? names : start(left) - start(right);
}
