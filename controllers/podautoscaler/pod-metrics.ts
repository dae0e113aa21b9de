/** What pods use, and which of them count. Values are in thousandths. */
import type { Pod } from "../../api/generated/types/core-v1.ts";
import { podCondition } from "../../api/core/pod-state.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { timeMillis } from "../../api/machinery/time.ts";

export interface PodMetric {
  readonly value: bigint;
  /** The end of the window, in milliseconds since the epoch. */
  readonly timestamp: number;
  readonly windowMs: number;
}

/** By the name of the pod. */
export type PodMetrics = ReadonlyMap<string, PodMetric>;

/** For how long the CPU of a pod that starts says little. Milliseconds. */
export interface Settling {
  readonly cpuInitializationMs: number;
  readonly initialReadinessDelayMs: number;
}

export interface Grouped {
  readonly readyCount: number;
  /** They are there, but what they use says nothing. */
  readonly unready: ReadonlySet<string>;
  /** Nobody knows what they use. */
  readonly missing: ReadonlySet<string>;
  /** Of those that count: at least one. */
  readonly metrics: PodMetrics;
}

export interface Grouping extends Settling {
  readonly pods: readonly DeepReadonly<Pod>[];
  readonly metrics: PodMetrics;
  /** Which resource the metrics are about, if any. */
  readonly resource?: string;
  readonly now: number;
}

/** Throws where no pod counts. https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details */
export function groupPods({ pods, metrics, resource, now, ...settling }: Grouping): Grouped {
  let readyCount = 0;
  const unready = new Set<string>();
  const missing = new Set<string>();
  const counting = new Map(metrics);
  for (const pod of pods) {
    const name = pod.metadata?.name ?? "";
    const metric = metrics.get(name);
    if (pod.metadata?.deletionTimestamp !== undefined || pod.status?.phase === "Failed") {
      counting.delete(name);
    } else if (pod.status?.phase === "Pending") {
      unready.add(name);
      counting.delete(name);
    } else if (metric === undefined) {
      missing.add(name);
    } else if (resource === "cpu" && isSettling(pod, metric, { ...settling, now })) {
      unready.add(name);
      counting.delete(name);
    } else {
      readyCount += 1;
    }
  }
  if (counting.size === 0) throw new Error("did not receive metrics for targeted pods (pods might be unready)");
  return { readyCount, unready, missing, metrics: counting };
}

/** Starting takes CPU that says nothing about the load. */
function isSettling(pod: DeepReadonly<Pod>, metric: PodMetric, at: Settling & { readonly now: number }): boolean {
  const ready = podCondition(pod, "Ready");
  const started = timeMillis(pod.status?.startTime);
  if (ready === undefined || started === undefined) return true;
  const isUnready = ready.status === "False";
  const changed = timeMillis(ready.lastTransitionTime) ?? 0;
  // While it may still initialize, a whole window has to be from after it got ready.
  if (started + at.cpuInitializationMs > at.now) return isUnready || metric.timestamp < changed + metric.windowMs;
  // Later, only one that has never been ready.
  return isUnready && started + at.initialReadinessDelayMs > changed;
}
