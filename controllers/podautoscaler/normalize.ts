import type { HPAScalingRules, HorizontalPodAutoscalerBehavior } from "../../api/generated/types/autoscaling-v2.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Finding } from "./conditions.ts";
import { changeWithin, type History } from "./history.ts";

export interface Wish {
  /** What the metrics call for. */
  readonly desired: number;
  readonly current: number;
  readonly min: number;
  readonly max: number;
  readonly history: History;
  readonly now: number;
}

export interface Normalized {
  readonly desired: number;
  /** AbleToScale and ScalingLimited. */
  readonly findings: readonly Finding[];
}

interface Limited {
  readonly desired: number;
  readonly reason: string;
  readonly message: string;
}

type Rules = DeepReadonly<HPAScalingRules>;

/** Seconds for which the highest recommendation counts, unless the autoscaler says otherwise. */
const downscaleStabilizationSeconds = 300;

const withinRange = { reason: "DesiredWithinRange", message: "the desired count is within the acceptable range" };
const tooMany = {
  reason: "TooManyReplicas",
  message: "the desired replica count is more than the maximum replica count",
};
const tooFew = {
  reason: "TooFewReplicas",
  message: "the desired replica count is less than the minimum replica count",
};
const tooFastUp = {
  reason: "ScaleUpLimit",
  message: "the desired replica count is increasing faster than the maximum scale rate",
};
const tooFastDown = {
  reason: "ScaleDownLimit",
  message: "the desired replica count is decreasing faster than the maximum scale rate",
};
const upStabilized = {
  reason: "ScaleUpStabilized",
  message: "recent recommendations were lower than current one, applying the lowest recent recommendation",
};
const downStabilized = {
  reason: "ScaleDownStabilized",
  message: "recent recommendations were higher than current one, applying the highest recent recommendation",
};
const ready = { reason: "ReadyForNewScale", message: "recommended size matches current size" };

/** What comes of a wish when it has been stabilized and limited. https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior */
export function normalize(wish: Wish, behavior: DeepReadonly<HorizontalPodAutoscalerBehavior> | undefined): Normalized {
  const stable = behavior === undefined ? stabilizedDown(wish) : stabilized(wish, behavior);
  const why = behavior !== undefined && wish.desired >= wish.current ? upStabilized : downStabilized;
  const limited = behavior === undefined ? limitedPlainly(wish, stable) : limitedBy(wish, stable, behavior);
  const { desired, reason, message } = limited;
  return {
    desired,
    findings: [
      { type: "AbleToScale", status: "True", ...(stable === wish.desired ? ready : why) },
      { type: "ScalingLimited", status: desired === stable ? "False" : "True", reason, message },
    ],
  };
}

function stabilizedDown({ desired, history, now }: Wish): number {
  const since = now - downscaleStabilizationSeconds * 1000;
  return Math.max(desired, ...history.recommendations.filter(({ at }) => at >= since).map(({ replicas }) => replicas));
}

/** The lowest of late when it goes up, the highest when it goes down. */
function stabilized(
  { desired, current, history, now }: Wish,
  behavior: DeepReadonly<HorizontalPodAutoscalerBehavior>,
): number {
  const within = (seconds: number): number[] =>
    history.recommendations.filter(({ at }) => at > now - seconds * 1000).map(({ replicas }) => replicas);
  const lowest = Math.min(desired, ...within(behavior.scaleUp?.stabilizationWindowSeconds ?? 0));
  const highest = Math.max(
    desired,
    ...within(behavior.scaleDown?.stabilizationWindowSeconds ?? downscaleStabilizationSeconds),
  );
  return Math.min(Math.max(current, lowest), highest);
}

function limitedPlainly({ current, min, max }: Wish, desired: number): Limited {
  // Metrics that make no sense must not make hundreds of pods at once.
  const fastest = Math.max(2 * current, 4);
  if (desired < min) return { desired: min, ...tooFew };
  const most = Math.min(max, fastest);
  if (desired > most) return { desired: most, ...(max > fastest ? tooFastUp : tooMany) };
  return { desired, ...withinRange };
}

function limitedBy(
  wish: Wish,
  desired: number,
  { scaleUp, scaleDown }: DeepReadonly<HorizontalPodAutoscalerBehavior>,
): Limited {
  const { current, min, max } = wish;
  if (desired > current) {
    const limit = Math.max(upLimit(wish, scaleUp ?? {}), current);
    const most = Math.min(max, limit);
    if (desired > most) return { desired: most, ...(max > limit ? tooFastUp : tooMany) };
  }
  if (desired < current) {
    const limit = Math.min(downLimit(wish, scaleDown ?? {}), current);
    const least = Math.max(min, limit);
    if (desired < least) return { desired: least, ...(min < limit ? tooFastDown : tooFew) };
  }
  return { desired, ...withinRange };
}

const noLimit = 2 ** 31 - 1;

/** As many as there may be now at most. */
function upLimit({ current, history, now }: Wish, { selectPolicy, policies = [] }: Rules): number {
  if (selectPolicy === "Disabled") return current;
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const before = sizeBefore(current, history, periodSeconds, now);
    // Rounded up: ten percent of one pod would never be one more.
    return type === "Pods" ? before + value : Math.ceil(before * (1 + value / 100));
  });
  return selectPolicy === "Min" ? Math.min(noLimit, ...limits) : Math.max(-noLimit - 1, ...limits);
}

/** As few as there may be now at least. */
function downLimit({ current, history, now }: Wish, { selectPolicy, policies = [] }: Rules): number {
  if (selectPolicy === "Disabled") return current;
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const before = sizeBefore(current, history, periodSeconds, now);
    return type === "Pods" ? before - value : Math.trunc(before * (1 - value / 100));
  });
  return selectPolicy === "Min" ? Math.max(-noLimit - 1, ...limits) : Math.min(noLimit, ...limits);
}

/** How many there were at the beginning of a period. */
function sizeBefore(current: number, { ups, downs }: History, seconds: number, now: number): number {
  return current - changeWithin(ups, seconds, now) + changeWithin(downs, seconds, now);
}
