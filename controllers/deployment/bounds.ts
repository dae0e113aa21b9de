import type { Deployment } from "../../api/generated/types/apps-v1.ts";
import { countOf, type IntOrPercent } from "../../api/machinery/int-or-percent.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

/** How far the number of pods may stray from the wanted one during a rollout. */
export interface Bounds {
  /** So many pods are wanted. */
  readonly wanted: number;
  /** So many more than wanted there may be. */
  readonly maxSurge: number;
  /** So many fewer than wanted may be available. */
  readonly maxUnavailable: number;
}

/**
 * A surge is rounded up, unavailability down; where both come to nothing, one pod may be unavailable, or the rollout
 * would never move. https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable
 */
export function boundsOf({ spec }: DeepReadonly<Deployment>): Bounds {
  const wanted = spec?.replicas ?? 1;
  if (!isRolling(spec?.strategy?.type)) return { wanted, maxSurge: 0, maxUnavailable: 0 };
  const { maxSurge = 0, maxUnavailable = 0 } = spec?.strategy?.rollingUpdate ?? {};
  const surge = share(maxSurge, wanted, "up");
  const unavailable = share(maxUnavailable, wanted, "down");
  return {
    wanted,
    maxSurge: surge,
    maxUnavailable: Math.min(surge === 0 && unavailable === 0 ? 1 : unavailable, wanted),
  };
}

export function isRolling(strategy: string | undefined): boolean {
  return strategy !== "Recreate";
}

function share(value: IntOrPercent, wanted: number, round: "up" | "down"): number {
  return Math.max(countOf(value, wanted, round) ?? 0, 0);
}
