import type { Node, Taint, Toleration } from "../../api/generated/types/core-v1.ts";
import { tolerates } from "../../api/core/tolerations.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

type Taints = readonly DeepReadonly<Taint>[];

/** Those that pods have to leave for. */
export function evictingTaints({ spec }: DeepReadonly<Node>): Taints {
  return (spec?.taints ?? []).filter(({ effect }) => effect === "NoExecute");
}

/** Seconds that a pod may stay from now on: none, some, or Infinity. Of each taint's toleration the shortest counts. */
export function staySeconds(taints: Taints, tolerations: readonly DeepReadonly<Toleration>[] = []): number {
  let stay = Infinity;
  for (const taint of taints) {
    const toleration = tolerations.find((one) => tolerates(one, taint));
    if (toleration === undefined) return 0;
    stay = Math.min(stay, Math.max(Number(toleration.tolerationSeconds ?? Infinity), 0));
  }
  return stay;
}
