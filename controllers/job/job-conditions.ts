import type { Job, JobCondition } from "../../api/generated/types/batch-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { formatTime } from "../../api/machinery/time.ts";

export type Conditions = readonly DeepReadonly<JobCondition>[];

export function conditionOf({ status }: DeepReadonly<Job>, type: string): DeepReadonly<JobCondition> | undefined {
  return status?.conditions?.find((condition) => condition.type === type && condition.status === "True");
}

/** Nothing of it will change any more. */
export function isFinished(job: DeepReadonly<Job>): boolean {
  return conditionOf(job, "Complete") !== undefined || conditionOf(job, "Failed") !== undefined;
}

/** The conditions with this one; the very ones from before where it says nothing new. A false one is not added. */
export function withCondition(
  conditions: Conditions,
  wanted: Pick<JobCondition, "type" | "status" | "reason" | "message">,
  now: number,
): Conditions {
  const before = conditions.find(({ type }) => type === wanted.type);
  if (before === undefined && wanted.status === "False") return conditions;
  const isSame =
    before?.status === wanted.status && before.reason === wanted.reason && before.message === wanted.message;
  if (isSame) return conditions;
  const time = formatTime(now);
  const condition = { ...wanted, lastProbeTime: time, lastTransitionTime: time };
  return before === undefined
    ? [...conditions, condition]
    : conditions.map((other) => (other === before ? condition : other));
}
