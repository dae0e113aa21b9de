/** What a pod's status says, as all controllers read it. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/ */
import type { Pod, PodCondition } from "../generated/types/core-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { timeMillis } from "../machinery/time.ts";

export function podCondition({ status }: DeepReadonly<Pod>, type: string): DeepReadonly<PodCondition> | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/** Whether it serves: its `Ready` condition. */
export function isPodReady(pod: DeepReadonly<Pod>): boolean {
  return podCondition(pod, "Ready")?.status === "True";
}

/** Whether it has been ready for so long. `now` in milliseconds. */
export function isPodAvailable(pod: DeepReadonly<Pod>, minReadySeconds: number, now: number): boolean {
  return availableIn(pod, minReadySeconds, now) === 0;
}

/** Milliseconds until a ready pod counts as available, if it stays ready; undefined where it is not ready. */
export function availableIn(pod: DeepReadonly<Pod>, minReadySeconds: number, now: number): number | undefined {
  const ready = podCondition(pod, "Ready");
  if (ready?.status !== "True") return undefined;
  if (minReadySeconds === 0) return 0;
  const since = timeMillis(ready.lastTransitionTime);
  if (since === undefined) return undefined;
  return Math.max(since + minReadySeconds * 1000 - now, 0);
}

/** All its containers have ended, and none will start again. */
export function isPodTerminal({ status }: DeepReadonly<Pod>): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

export function isPodTerminating({ metadata }: DeepReadonly<Pod>): boolean {
  return metadata?.deletionTimestamp !== undefined;
}

/** Neither ended nor on its way out: it counts as a replica. */
export function isPodActive(pod: DeepReadonly<Pod>): boolean {
  return !isPodTerminal(pod) && !isPodTerminating(pod);
}
