import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { deletionOrder } from "./deletion-order.ts";

/** So many pods at once, so that one large set does not keep the others waiting. */
const burst = 500;

export type Plan =
  | { readonly create: number }
  | { readonly delete: readonly DeepReadonly<Pod>[] }
  | { readonly nothing: true };

/** How the number of active pods becomes the wanted one. `neighbours`: how many pods of the workload a node has. */
export function plan(
  wanted: number,
  active: readonly DeepReadonly<Pod>[],
  { neighbours, now }: { readonly neighbours: (nodeName: string) => number; readonly now: number },
): Plan {
  const missing = wanted - active.length;
  if (missing === 0) return { nothing: true };
  if (missing > 0) return { create: Math.min(missing, burst) };
  const ranked = active.map((pod) => ({ pod, neighbours: neighbours(pod.spec?.nodeName ?? "") }));
  return { delete: deletionOrder(ranked, now).slice(0, Math.min(-missing, burst)) };
}
