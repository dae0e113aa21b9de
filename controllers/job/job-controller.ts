import type { Job, JobStatus } from "../../api/generated/types/batch-v1.ts";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import { matches, type Selector } from "../../api/machinery/labels.ts";
import { semanticEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { formatTime } from "../../api/machinery/time.ts";
import type { Informer } from "../../client/informer.ts";
import type { Outcome } from "../../client/reconciler.ts";
import { jobs as jobType, pods as podType } from "../../client/resource-types.ts";
import { claim } from "../adoption.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { type OwnedLookup, ownedLookup, watchOwned, watchSelf } from "../owned.ts";
import { createPodControl, isNamespaceGoing, type PodControl } from "../pods/pod-control.ts";
import { slowStart } from "../pods/slow-start.ts";
import { selectorReader } from "../workload-selector.ts";
import { type BackoffRecord, noFailures, recordEnds } from "./backoff.ts";
import { isFinished, withCondition } from "./job-conditions.ts";
import { isSuspended, isTracked, trackingFinalizer } from "./job-pods.ts";
import { countReleased, hasUncounted, type Ledger, openLedger } from "./ledger.ts";
import { newPod } from "./new-pod.ts";
import { planPods } from "./plan-pods.ts";
import { releasePod, watchOrphans } from "./release-orphans.ts";
import { type Tally, tallyOf } from "./tally.ts";
import { completionsReached, deadlineIn, isComplete, judge, type Verdict } from "./verdict.ts";

type ReadonlyPod = DeepReadonly<Pod>;
type ReadonlyJob = DeepReadonly<Job>;
type Status = DeepReadonly<JobStatus>;

const ownName = "kubernetes.io/job-controller";

interface Parts {
  readonly jobs: Informer<Job>;
  readonly pods: OwnedLookup<Pod>;
  readonly control: PodControl;
  readonly selectorOf: (job: ReadonlyJob) => Selector | undefined;
  /** By key. Lost with the process, as upstream's: then the wait begins anew. */
  readonly backoffs: Map<string, BackoffRecord>;
  readonly deps: ControllerDeps;
}

/** Runs pods until enough of them have succeeded. https://kubernetes.io/docs/concepts/workloads/controllers/job/ */
export const jobController: Controller = {
  name: "job-controller",
  start(deps) {
    const jobs = deps.informers.of(jobType);
    const pods = deps.informers.of(podType);
    const selectorOf = selectorReader();
    const control = createPodControl(deps);
    const parts: Parts = { jobs, pods: ownedLookup(pods), control, selectorOf, backoffs: new Map(), deps };
    const reconciler = deps.reconciler({ reconcile: (key) => reconcile(key, parts) });
    const add = (key: string): void => reconciler.add(key);
    watchSelf(jobs, add);
    const selects = (job: ReadonlyJob, pod: ReadonlyPod): boolean => {
      const selector = selectorOf(job);
      return selector !== undefined && matches(selector, pod.metadata?.labels ?? {});
    };
    watchOwned({ ownerType: jobType, owners: jobs, owned: pods, selects, add });
    watchOrphans({ jobs, pods, deps, isManagedElsewhere });
  },
};

/** Somebody else looks after it (`spec.managedBy`). */
function isManagedElsewhere({ spec }: ReadonlyJob): boolean {
  return spec?.managedBy !== undefined && spec.managedBy !== ownName;
}

async function reconcile(key: string, parts: Parts): Promise<Outcome> {
  const { jobs, backoffs, deps } = parts;
  const job = jobs.get(key);
  const selector = job === undefined ? undefined : parts.selectorOf(job);
  if (job === undefined || selector === undefined || isManagedElsewhere(job) || isFinished(job)) {
    backoffs.delete(key);
    return;
  }
  const { completionMode = "NonIndexed" } = job.spec ?? {};
  if (completionMode !== "NonIndexed" && completionMode !== "Indexed") {
    const message = "Skipped Job sync because completion mode is unknown";
    deps.events.event(job, { type: "Warning", reason: "UnknownCompletionMode", message });
    return;
  }
  return run(key, job, await claimPods(job, selector, parts), parts);
}

function claimPods(job: ReadonlyJob, selector: Selector, { pods, deps }: Parts): Promise<ReadonlyPod[]> {
  const what = { ownerType: jobType, owner: job, type: podType, selector, finalizers: [trackingFinalizer] };
  return claim(what, pods.candidates(job), deps.client);
}

/** What a look at the job has come to so far. */
interface Progress {
  /** With what the look itself has settled: when it started, whether it is suspended. */
  readonly status: Status;
  /** What was counted last, and is to be reported: a verdict speaks of these very pods. */
  readonly tally: Tally;
  readonly verdict?: Verdict | undefined;
  readonly wait?: number | undefined;
  /** Pods could not be made or deleted: the rest is done all the same, then it is tried again. */
  readonly failure?: Error | undefined;
}

async function run(key: string, job: ReadonlyJob, pods: readonly ReadonlyPod[], parts: Parts): Promise<Outcome> {
  const { backoffs, deps } = parts;
  const now = deps.clock.now();
  const begun = started(job, now);
  const before = tallyOf(begun, pods);
  const known = backoffs.get(key) ?? noFailures;
  const backoff = recordEnds(known, before.newlySucceeded, before.newlyFailed);
  const verdict = judge(begun, before, now);
  const progress =
    verdict === undefined ? await goOn(begun, before, backoff, parts) : await endPods(begun, before, verdict, parts);
  const finished = await report({ ...begun, status: progress.status }, progress, parts);
  backoffs.set(key, recordEnds(known, progress.tally.newlySucceeded, progress.tally.newlyFailed));
  if (progress.failure !== undefined) throw progress.failure;
  if (finished) return;
  const waits = [progress.wait, deadlineIn({ ...job, status: progress.status }, now)];
  const next = Math.min(...waits.map((wait) => wait ?? Infinity));
  return Number.isFinite(next) ? { after: Math.max(next, 1) } : undefined;
}

/** The time for which it may be active counts from here, but not while it is suspended. */
function started(job: ReadonlyJob, now: number): ReadonlyJob {
  if (job.status?.startTime !== undefined || isSuspended(job)) return job;
  return { ...job, status: { ...job.status, startTime: formatTime(now) } };
}

/** Those that it ends count as they were before: they have not failed by themselves. */
async function endPods(job: ReadonlyJob, tally: Tally, verdict: Verdict, parts: Parts): Promise<Progress> {
  const failure = await each(tally.active, (pod) => parts.control.delete(pod, job));
  return { status: job.status ?? {}, tally, ...(failure === undefined ? { verdict } : { failure }) };
}

async function goOn(job: ReadonlyJob, tally: Tally, backoff: BackoffRecord, parts: Parts): Promise<Progress> {
  const status = job.status ?? {};
  const now = parts.deps.clock.now();
  if (job.metadata?.deletionTimestamp !== undefined) return { status, tally };
  const plan = planPods(job, tally, backoff, now);
  let failure: Error | undefined;
  if (plan.do === "delete") failure = await each(plan.pods, (pod) => discard(pod, job, parts));
  if (plan.do === "create") {
    const create = (at: number): Promise<unknown> => parts.control.create(newPod(job, plan.indexes[at], tally), job);
    const made = await slowStart(plan.indexes.length, create);
    // In a namespace on its way out it will never go well, and soon there is no job either.
    failure = isNamespaceGoing(made.failure) ? undefined : errorOf(made.failure);
  }
  const wait = plan.do === "wait" ? plan.milliseconds : undefined;
  const after = tallyOf(job, parts.pods.of(job));
  if (isComplete(job, after)) return { status, tally: after, verdict: completionsReached, failure };
  return { status: suspension(job, parts), tally: after, wait, failure };
}

/** One that is not needed is not counted either. */
async function discard(pod: ReadonlyPod, job: ReadonlyJob, { control, deps }: Parts): Promise<void> {
  await releasePod(pod, deps);
  await control.delete(pod, job);
}

/** All at once; the first failure, if any. */
async function each<T>(items: readonly T[], call: (item: T) => Promise<void>): Promise<Error | undefined> {
  const outcomes = await Promise.allSettled(items.map(call));
  return errorOf(outcomes.find((outcome) => outcome.status === "rejected")?.reason);
}

function errorOf(thrown: unknown): Error | undefined {
  return thrown === undefined || thrown instanceof Error ? thrown : new Error("no error was thrown", { cause: thrown });
}

function suspension(job: ReadonlyJob, { deps }: Parts): Status {
  const status = job.status ?? {};
  const now = deps.clock.now();
  const isOff = isSuspended(job);
  const told = isOff
    ? ({ status: "True", reason: "JobSuspended", message: "Job suspended" } as const)
    : ({ status: "False", reason: "JobResumed", message: "Job resumed" } as const);
  const before = status.conditions ?? [];
  const conditions = withCondition(before, { type: "Suspended", ...told }, now);
  if (conditions === before) return status;
  deps.events.event(job, { type: "Normal", reason: isOff ? "Suspended" : "Resumed", message: told.message });
  const { startTime: _, ...others } = status;
  return { ...others, conditions, ...(isOff ? {} : { startTime: formatTime(now) }) };
}

/** Writes down what has ended, lets it go, and counts it; tells when the job has finished, and whether it has. */
async function report(job: ReadonlyJob, progress: Progress, parts: Parts): Promise<boolean> {
  const { pods, deps } = parts;
  const { tally, verdict } = progress;
  const now = deps.clock.now();
  const ledger = openLedger(job, tally, verdict);
  const counts = countsOf(tallyOf(job, pods.of(job)));
  const conditions = withVerdict(ledger.status.conditions ?? [], verdict, now);
  let written = await write(job, { ...ledger.status, ...counts, ...conditions }, parts);
  const failure = await each(ledger.release, (pod) => releasePod(pod, deps));
  const left = pods.of(job).filter(isTracked);
  const counted = countReleased(written.status ?? {}, left);
  const after = tallyOf(job, pods.of(job));
  const isOver = failure === undefined && mayFinish(counted, ledger, after);
  // Pods may have gone since they were counted: what has finished has none.
  const final = verdict !== undefined && isOver ? finished({ ...counted, ...countsOf(after) }, verdict, now) : counted;
  written = await write(written, final, parts);
  if (failure !== undefined) throw failure;
  if (!isFinished(written) || verdict === undefined) return false;
  tellEnd(written, verdict, deps);
  return true;
}

function countsOf({ active, ready, terminating }: Tally): Status {
  return { active: active.length, ready, terminating: terminating.length };
}

function withVerdict(before: NonNullable<Status["conditions"]>, verdict: Verdict | undefined, now: number): Status {
  const conditions = verdict === undefined ? before : withCondition(before, { ...verdict, status: "True" }, now);
  return conditions.length === 0 ? {} : { conditions };
}

function mayFinish(status: Status, { isFull }: Ledger, { terminating, active }: Tally): boolean {
  return !isFull && !hasUncounted(status) && terminating.length === 0 && active.length === 0;
}

function finished(status: Status, { type, reason, message }: Verdict, now: number): Status {
  const isGood = type === "SuccessCriteriaMet";
  const end = { type: isGood ? "Complete" : "Failed", status: "True", reason, message };
  const conditions = withCondition(status.conditions ?? [], end, now);
  return { ...status, conditions, ...(isGood ? { completionTime: formatTime(now) } : {}) };
}

/** Returns the job as it is now. */
async function write(job: ReadonlyJob, status: Status, { jobs, deps }: Parts): Promise<ReadonlyJob> {
  const { namespace = "", name = "" } = job.metadata ?? {};
  const known = jobs.get(`${namespace}/${name}`)?.status ?? {};
  if (semanticEqual(withoutZeros(status), withoutZeros(known))) return { ...job, status };
  return deps.client.update(jobType, { ...job, status }, "status");
}

/** Counts of zero are left out on the wire, but for those that are pointers in Go. */
function withoutZeros({ active, succeeded, failed, ...others }: Status): Status {
  return {
    ...others,
    ...(active ? { active } : {}),
    ...(succeeded ? { succeeded } : {}),
    ...(failed ? { failed } : {}),
  };
}

function tellEnd(job: ReadonlyJob, { type, reason, message }: Verdict, { events }: ControllerDeps): void {
  if (type === "FailureTarget") {
    events.event(job, { type: "Warning", reason, message });
    return;
  }
  const { completions } = job.spec ?? {};
  if (completions !== undefined && (job.status?.succeeded ?? 0) > completions) {
    const tooMany = "Too many succeeded pods running after completion count reached";
    events.event(job, { type: "Warning", reason: "TooManySucceededPods", message: tooMany });
  }
  events.event(job, { type: "Normal", reason: "Completed", message: "Job completed" });
}
