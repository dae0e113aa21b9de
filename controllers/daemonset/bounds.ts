import { countOf } from "../../api/machinery/int-or-percent.ts";
import type { AnySet } from "./daemon-pod.ts";

/** On so many of the nodes there may be a second pod. Fractions count in full. */
export function surgeOf({ spec }: AnySet, nodes: number): number {
  const { type, rollingUpdate } = spec?.updateStrategy ?? {};
  if (type !== "RollingUpdate") return 0;
  return Math.max(countOf(rollingUpdate?.maxSurge ?? 0, nodes, "up") ?? 0, 0);
}

export interface Bounds {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** Where neither is allowed, one pod may be unavailable, or the rollout would never move. */
export function boundsOf(set: AnySet, nodes: number): Bounds {
  const maxSurge = surgeOf(set, nodes);
  const maxUnavailable = Math.max(
    countOf(set.spec?.updateStrategy?.rollingUpdate?.maxUnavailable ?? 0, nodes, "up") ?? 0,
    0,
  );
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable };
}
