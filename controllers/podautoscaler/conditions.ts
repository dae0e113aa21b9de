import type { HorizontalPodAutoscalerCondition } from "../../api/generated/types/autoscaling-v2.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { formatTime } from "../../api/machinery/time.ts";

export type Conditions = readonly DeepReadonly<HorizontalPodAutoscalerCondition>[];

export interface Finding {
  readonly type: "AbleToScale" | "ScalingActive" | "ScalingLimited";
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

export function withFindings(conditions: Conditions, findings: readonly Finding[], now: number): Conditions {
  return findings.reduce((all, finding) => withFinding(all, finding, now), conditions);
}

/** In the place that it had; the time tells since when the status is what it is. */
function withFinding(conditions: Conditions, finding: Finding, now: number): Conditions {
  const before = conditions.find(({ type }) => type === finding.type);
  if (before === undefined) return [...conditions, { ...finding, lastTransitionTime: formatTime(now) }];
  const kept = before.status === finding.status ? before.lastTransitionTime : formatTime(now);
  const renewed = { ...finding, ...(kept === undefined ? {} : { lastTransitionTime: kept }) };
  return conditions.map((condition) => (condition === before ? renewed : condition));
}
