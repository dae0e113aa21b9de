import type { DeploymentCondition } from "../../api/generated/types/apps-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { formatTime } from "../../api/machinery/time.ts";

export type Conditions = readonly DeepReadonly<DeploymentCondition>[];

export interface Finding {
  readonly type: "Progressing" | "Available";
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

export function conditionOf(conditions: Conditions, type: string): DeepReadonly<DeploymentCondition> | undefined {
  return conditions.find((condition) => condition.type === type);
}

export function without(conditions: Conditions, type: string): Conditions {
  return conditions.filter((condition) => condition.type !== type);
}

/** One that says nothing new, by status and reason, leaves what was; with `isRenewed` its time of update is new all the same. */
export function withCondition(conditions: Conditions, finding: Finding, now: number, isRenewed = false): Conditions {
  const before = conditionOf(conditions, finding.type);
  const isSame = before?.status === finding.status && before.reason === finding.reason;
  if (isSame && !isRenewed) return conditions;
  const time = formatTime(now);
  const lastTransitionTime = before?.status === finding.status ? before.lastTransitionTime : time;
  return [
    ...without(conditions, finding.type),
    { ...finding, lastUpdateTime: time, ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }) },
  ];
}
