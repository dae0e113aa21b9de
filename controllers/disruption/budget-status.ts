import type { Condition } from "../../api/generated/types/meta-v1.ts";
import type {
  PodDisruptionBudget,
  PodDisruptionBudgetSpec,
  PodDisruptionBudgetStatus,
} from "../../api/generated/types/policy-v1.ts";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import { isPodReady, isPodTerminating } from "../../api/core/pod-state.ts";
import { countOf, type IntOrPercent } from "../../api/machinery/int-or-percent.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { formatTime, timeMillis } from "../../api/machinery/time.ts";

type Budget = DeepReadonly<PodDisruptionBudget>;
type Status = DeepReadonly<PodDisruptionBudgetStatus>;
type SeenPod = DeepReadonly<Pod>;

/** A pod that was evicted, and so long after is still not on its way out, stays. */
const deletionTimeoutMs = 120_000;

/** Whether a budget is reckoned by the sizes of the pods' controllers, and not by the pods that there are. */
export function needsScale({ maxUnavailable, minAvailable }: DeepReadonly<PodDisruptionBudgetSpec>): boolean {
  return maxUnavailable !== undefined || typeof minAvailable === "string";
}

/** How many of the expected pods have to be healthy. https://kubernetes.io/docs/tasks/run-application/configure-pdb/ */
export function desiredHealthyOf(
  { maxUnavailable, minAvailable }: DeepReadonly<PodDisruptionBudgetSpec>,
  expected: number,
): number {
  if (maxUnavailable !== undefined) return Math.max(expected - share(maxUnavailable, expected), 0);
  return minAvailable === undefined ? 0 : share(minAvailable, expected);
}

function share(value: IntOrPercent, expected: number): number {
  const count = countOf(value, expected, "up");
  if (count === undefined) throw new Error("invalid value for IntOrString: invalid type: string is not a percentage");
  return count;
}

export interface Disrupted {
  /** Pods that will be gone soon, by name, and since when. */
  readonly pods: Readonly<Record<string, string>>;
  /** Those that should be gone by now. */
  readonly overdue: readonly SeenPod[];
  /** When the next of them should be, in milliseconds since the epoch. */
  readonly recheckAt: number | undefined;
}

export function disruptedOf(before: Status | undefined, pods: readonly SeenPod[], now: number): Disrupted {
  const disrupted: [string, string][] = [];
  const overdue: SeenPod[] = [];
  const times: number[] = [];
  for (const pod of pods) {
    const name = pod.metadata?.name ?? "";
    const since = Object.hasOwn(before?.disruptedPods ?? {}, name) ? before?.disruptedPods?.[name] : undefined;
    if (since === undefined || isPodTerminating(pod)) continue;
    const due = dueOf(since);
    if (due < now) {
      overdue.push(pod);
    } else {
      disrupted.push([name, since]);
      times.push(due);
    }
  }
  const recheckAt = times.length === 0 ? undefined : Math.min(...times);
  return { pods: Object.fromEntries(disrupted), overdue, recheckAt };
}

const dueOf = (since: string): number => (timeMillis(since) ?? 0) + deletionTimeoutMs;

/** Those that serve, and are expected to go on with it. */
export function healthyCount(pods: readonly SeenPod[], disrupted: Disrupted, now: number): number {
  return pods.filter((pod) => {
    const name = pod.metadata?.name ?? "";
    const since = Object.hasOwn(disrupted.pods, name) ? disrupted.pods[name] : undefined;
    return !isPodTerminating(pod) && (since === undefined || dueOf(since) <= now) && isPodReady(pod);
  }).length;
}

export interface Counts {
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly expectedPods: number;
}

/** With no pods expected nothing may be evicted: when the first come, the budget has not been reckoned with them yet. */
export function statusOf(budget: Budget, counts: Counts, disruptedPods: Disrupted["pods"], now: number): Status {
  const spare = counts.currentHealthy - counts.desiredHealthy;
  const disruptionsAllowed = counts.expectedPods <= 0 || spare <= 0 ? 0 : spare;
  const observedGeneration = budget.metadata?.generation ?? 0;
  const isAllowed = disruptionsAllowed > 0;
  const condition = {
    type: "DisruptionAllowed",
    status: isAllowed ? "True" : "False",
    reason: isAllowed ? "SufficientPods" : "InsufficientPods",
    message: "",
    observedGeneration,
  };
  return {
    observedGeneration,
    ...counts,
    disruptionsAllowed,
    ...(Object.keys(disruptedPods).length === 0 ? {} : { disruptedPods }),
    conditions: withCondition(budget.status?.conditions ?? [], condition, now),
  };
}

/** Where a budget cannot be reckoned, nothing may be evicted by it. */
export function failedStatus({ status }: Budget, message: string, now: number): Status {
  const condition = {
    type: "DisruptionAllowed",
    status: "False",
    reason: "SyncFailed",
    message,
    ...(status?.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }),
  };
  return { ...status, disruptionsAllowed: 0, conditions: withCondition(status?.conditions ?? [], condition, now) };
}

type Conditions = readonly DeepReadonly<Condition>[];

/** https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties */
function withCondition(
  conditions: Conditions,
  condition: Omit<Condition, "lastTransitionTime">,
  now: number,
): Conditions {
  const before = conditions.find(({ type }) => type === condition.type);
  if (before === undefined) return [...conditions, { ...condition, lastTransitionTime: formatTime(now) }];
  const lastTransitionTime = before.status === condition.status ? before.lastTransitionTime : formatTime(now);
  return conditions.map((one) => (one === before ? { ...condition, lastTransitionTime } : one));
}
