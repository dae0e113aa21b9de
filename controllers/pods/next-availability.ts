import type { Pod } from "../../api/generated/types/core-v1.ts";
import { availableIn } from "../../api/core/pod-state.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Outcome } from "../../client/reconciler.ts";

/** When the next of the pods that are ready counts as available, which takes nothing but time. */
export function nextAvailability(pods: Iterable<DeepReadonly<Pod>>, minReadySeconds: number, now: number): Outcome {
  if (minReadySeconds === 0) return undefined;
  let next = Infinity;
  for (const pod of pods) {
    const wait = availableIn(pod, minReadySeconds, now) ?? 0;
    if (wait > 0) next = Math.min(next, wait);
  }
  return Number.isFinite(next) ? { after: next } : undefined;
}
