import type { Job, JobStatus } from "../generated/types/batch-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, nonNegative, required } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { timeMillis } from "../machinery/time.ts";
import { IndexesError, overlap, parseIndexes } from "./job-indexes.ts";

type ReadonlyJob = DeepReadonly<Job>;
type Status = DeepReadonly<JobStatus>;

/** What whoever runs a job may say of it; rules that an old status broke already are only applied to what is changed. */
export function validateJobStatusUpdate(job: ReadonlyJob, old: ReadonlyJob): FieldError[] {
  const status = job.status ?? {};
  const before = old.status ?? {};
  return [
    ...validateCounts(status),
    ...validateUncounted(status),
    ...validateConditions(status, before, job.spec?.successPolicy !== undefined),
    ...validateTimes(status, before, job.spec?.suspend === true),
    ...validateFinished(status, before),
    ...validateIndexes(job, status, before),
    ...validateProgress(status, before),
  ];
}

function validateCounts(status: Status): FieldError[] {
  return (["active", "succeeded", "failed", "ready", "terminating"] as const).flatMap((field) =>
    nonNegative(`status.${field}`, status[field]),
  );
}

function validateUncounted({ uncountedTerminatedPods: uncounted }: Status): FieldError[] {
  const seen = new Set<string>();
  return (["succeeded", "failed"] as const).flatMap((list) =>
    (uncounted?.[list] ?? []).flatMap((uid, index) => {
      const path = `status.uncountedTerminatedPods.${list}[${index}]`;
      if (uid === "") return [bad(path, uid, "must not be empty")];
      if (seen.has(uid)) return [duplicate(path, uid)];
      seen.add(uid);
      return [];
    }),
  );
}

function has({ conditions }: Status, type: string): boolean {
  return (conditions ?? []).some((condition) => condition.type === type && condition.status === "True");
}

/** A job ends once: complete after its success criteria were met, or failed after that was made its target. */
function validateConditions(status: Status, before: Status, hasSuccessPolicy: boolean): FieldError[] {
  const is = (type: string): boolean => has(status, type);
  const was = (type: string): boolean => has(before, type);
  const findings: FieldError[] = [];
  const refuse = (when: boolean, detail: string): void => {
    if (when) findings.push({ type: "Invalid", field: "status.conditions", detail });
  };
  const completes = is("Complete") && !was("Complete");
  const fails = is("Failed") && !was("Failed");
  refuse(is("Complete") && is("Failed") && (completes || fails), "cannot set Complete=True and Failed=true conditions");
  refuse(
    is("Complete") && is("FailureTarget") && completes,
    "cannot set Complete=True and FailureTarget=true conditions",
  );
  refuse(fails && !is("FailureTarget"), "cannot set Failed=True condition without the FailureTarget=true condition");
  refuse(
    completes && !is("SuccessCriteriaMet"),
    "cannot set Complete=True condition without the SuccessCriteriaMet=true condition",
  );
  refuse(is("SuccessCriteriaMet") && is("Failed"), "cannot set SuccessCriteriaMet=True and Failed=true conditions");
  refuse(
    is("SuccessCriteriaMet") && is("FailureTarget"),
    "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions",
  );
  refuse(
    hasSuccessPolicy && is("Complete") && !is("SuccessCriteriaMet"),
    "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True",
  );
  for (const type of ["Failed", "Complete", "FailureTarget"])
    refuse(was(type) && !is(type), `cannot disable the terminal ${type}=True condition`);
  refuse(
    was("SuccessCriteriaMet") && !is("SuccessCriteriaMet"),
    "cannot disable the SuccessCriteriaMet=True condition",
  );
  refuse(
    was("Complete") && !was("SuccessCriteriaMet") && is("SuccessCriteriaMet"),
    "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions",
  );
  return findings;
}

function validateTimes(status: Status, before: Status, suspended: boolean): FieldError[] {
  const { startTime, completionTime } = status;
  const complete = has(status, "Complete");
  const changes = complete !== has(before, "Complete") || !semanticEqual(completionTime, before.completionTime);
  const findings: FieldError[] = [];
  if (changes && completionTime !== undefined && !complete) {
    const detail = "cannot set completionTime when there is no Complete=True condition";
    findings.push(bad("status.completionTime", completionTime, detail));
  }
  if (changes && completionTime === undefined && complete)
    findings.push(required("status.completionTime", "completionTime is required for Complete jobs"));
  const [start, end] = [timeMillis(startTime), timeMillis(completionTime)];
  if (changes && start !== undefined && end !== undefined && end < start)
    findings.push(bad("status.completionTime", completionTime, "completionTime cannot be set before startTime"));
  if (completionTime !== undefined && before.completionTime !== undefined && completionTime !== before.completionTime)
    findings.push(bad("status.completionTime", completionTime, "completionTime cannot be mutated"));
  if (before.startTime !== undefined && startTime !== before.startTime && !suspended)
    findings.push(required("status.startTime", "startTime cannot be removed for unsuspended job"));
  return findings;
}

function isFinished(status: Status): boolean {
  return has(status, "Complete") || has(status, "Failed");
}

function validateFinished(status: Status, before: Status): FieldError[] {
  if (!isFinished(status)) return [];
  const finishes = !isFinished(before);
  const { active = 0, terminating = 0, startTime, uncountedTerminatedPods: uncounted } = status;
  const findings: FieldError[] = [];
  if (active > 0 && (finishes || active !== before.active))
    findings.push(bad("status.active", active, "active>0 is invalid for finished job"));
  if (startTime === undefined && (finishes || before.startTime !== undefined))
    findings.push(required("status.startTime", "startTime is required for finished job"));
  const left = (uncounted?.succeeded?.length ?? 0) + (uncounted?.failed?.length ?? 0);
  if (left > 0 && (finishes || !semanticEqual(uncounted, before.uncountedTerminatedPods))) {
    const detail = "uncountedTerminatedPods needs to be empty for finished job";
    findings.push(bad("status.uncountedTerminatedPods", uncounted, detail));
  }
  if (terminating > 0 && (finishes || terminating !== before.terminating))
    findings.push(bad("status.terminating", terminating, "terminating>0 is invalid for finished job"));
  return findings;
}

function validateIndexes({ spec }: ReadonlyJob, status: Status, before: Status): FieldError[] {
  const { completedIndexes = "", failedIndexes } = status;
  const newCompleted = completedIndexes !== (before.completedIndexes ?? "");
  const newFailed = failedIndexes !== before.failedIndexes;
  const [completedPath, failedPath] = ["status.completedIndexes", "status.failedIndexes"];
  const findings: FieldError[] = [];
  if (newCompleted && completedIndexes !== "" && spec?.completionMode !== "Indexed") {
    const detail = "cannot set non-empty completedIndexes when non-indexed completion mode";
    findings.push(bad(completedPath, completedIndexes, detail));
  }
  if (newFailed && failedIndexes !== undefined && spec?.backoffLimitPerIndex === undefined) {
    const detail = "cannot set non-null failedIndexes when backoffLimitPerIndex is null";
    findings.push(bad(failedPath, failedIndexes, detail));
  }
  const completions = spec?.completions;
  if (completions === undefined || (!newCompleted && !newFailed)) return findings;
  try {
    const completed = parseIndexes(completedIndexes, completions);
    try {
      const index = overlap(completed, parseIndexes(failedIndexes ?? "", completions));
      if (index !== undefined)
        findings.push(bad(failedPath, failedIndexes, `failedIndexes and completedIndexes overlap at index: ${index}`));
    } catch (thrown) {
      findings.push(unreadable(thrown, failedPath, failedIndexes));
    }
  } catch (thrown) {
    findings.push(unreadable(thrown, completedPath, completedIndexes));
  }
  return findings;
}

function unreadable(thrown: unknown, path: string, value: string | undefined): FieldError {
  if (!(thrown instanceof IndexesError)) throw thrown;
  return bad(path, value, `error parsing ${path.slice("status.".length)}: ${thrown.message}`);
}

function validateProgress(status: Status, before: Status): FieldError[] {
  const findings: FieldError[] = [];
  const { active = 0, ready } = status;
  if (ready !== undefined && ready > active && (ready !== before.ready || active !== before.active))
    findings.push(bad("status.ready", ready, "cannot set more ready pods than active"));
  for (const counter of ["failed", "succeeded"] as const)
    if ((status[counter] ?? 0) < (before[counter] ?? 0))
      findings.push(bad(`status.${counter}`, status[counter] ?? 0, `cannot decrease the ${counter} counter`));
  return findings;
}
