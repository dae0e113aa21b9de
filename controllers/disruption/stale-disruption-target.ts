import type { Pod } from "../../api/generated/types/core-v1.ts";
import { isPodTerminal, isPodTerminating, podCondition } from "../../api/core/pod-state.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { formatTime, timeMillis } from "../../api/machinery/time.ts";

const timeoutMs = 120_000;

/**
 * Milliseconds until a pod that was said to be disrupted, and still is not on its way out, counts as spared; undefined
 * where nothing is to wait for. What the kubelet says may take its time.
 */
export function staleIn(pod: DeepReadonly<Pod>, now: number): number | undefined {
  const condition = podCondition(pod, "DisruptionTarget");
  if (condition?.status !== "True" || condition.reason === "TerminationByKubelet") return undefined;
  if (isPodTerminating(pod) || isPodTerminal(pod)) return undefined;
  return Math.max((timeMillis(condition.lastTransitionTime) ?? 0) + timeoutMs - now, 0);
}

/** The pod, no longer said to be disrupted. */
export function spared(pod: DeepReadonly<Pod>, now: number): DeepReadonly<Pod> {
  const condition = {
    type: "DisruptionTarget",
    status: "False",
    observedGeneration: pod.metadata?.generation ?? 0,
    lastTransitionTime: formatTime(now),
  };
  const conditions = pod.status?.conditions?.map((one) => (one.type === condition.type ? condition : one)) ?? [];
  return { ...pod, status: { ...pod.status, conditions } };
}
