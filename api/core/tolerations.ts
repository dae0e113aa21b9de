/** Whether pods stand the taints of a node. https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
import type { Taint, Toleration } from "../generated/types/core-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";

type AnyToleration = DeepReadonly<Toleration>;
type AnyTaint = DeepReadonly<Taint>;

/** An empty key, effect or (with Exists) value stands for all. */
export function tolerates({ key, operator, value, effect }: AnyToleration, taint: AnyTaint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  switch (operator || "Equal") {
    case "Equal":
      return (value ?? "") === (taint.value ?? "");
    case "Exists":
      return true;
    default:
      return false;
  }
}

export function isTolerated(taint: AnyTaint, tolerations: readonly AnyToleration[]): boolean {
  return tolerations.some((toleration) => tolerates(toleration, taint));
}

/** Of those that keep pods away (NoSchedule, NoExecute); a mere preference does not. */
export function firstUntolerated(
  taints: readonly AnyTaint[],
  tolerations: readonly AnyToleration[],
): AnyTaint | undefined {
  return taints.find(
    (taint) => (taint.effect === "NoSchedule" || taint.effect === "NoExecute") && !isTolerated(taint, tolerations),
  );
}
