import type { PodSpec, Toleration } from "../../api/generated/types/core-v1.ts";
import { semanticEqual } from "../../api/machinery/equal.ts";

/** Replaces the toleration of the same key, operator, value and effect, or adds one. */
export function setToleration(spec: PodSpec, toleration: Toleration): void {
  const tolerations = (spec.tolerations ??= []);
  const index = tolerations.findIndex(
    (one) =>
      one.key === toleration.key &&
      one.effect === toleration.effect &&
      one.operator === toleration.operator &&
      (one.value ?? "") === (toleration.value ?? ""),
  );
  if (index === -1) tolerations.push(toleration);
  else tolerations[index] = toleration;
}

/** All of them but those that another one covers; of equal ones the first stays. */
export function mergeTolerations(first: readonly Toleration[], second: readonly Toleration[]): Toleration[] {
  const all = [...first, ...second];
  const merged: Toleration[] = [];
  for (const [index, one] of all.entries()) {
    const covered =
      merged.some((other) => covers(other, one)) ||
      all.slice(index + 1).some((other) => !semanticEqual(one, other) && covers(other, one));
    if (!covered) merged.push(one);
  }
  return merged;
}

/** Whether every taint that `narrow` tolerates is tolerated by `wide`, for as long. */
export function covers(wide: Toleration, narrow: Toleration): boolean {
  if (semanticEqual(wide, narrow)) return true;
  const anyKey = !wide.key && wide.operator === "Exists";
  if ((narrow.key ?? "") !== (wide.key ?? "") && !anyKey) return false;
  if ((narrow.effect ?? "") !== (wide.effect ?? "") && wide.effect) return false;
  if (wide.effect === "NoExecute" && wide.tolerationSeconds !== undefined) {
    const { tolerationSeconds } = narrow;
    if (tolerationSeconds === undefined || tolerationSeconds > wide.tolerationSeconds) return false;
  }
  if (wide.operator === "Exists") return true;
  const isEqual = wide.operator === undefined || wide.operator === "" || wide.operator === "Equal";
  return isEqual && narrow.operator === "Equal" && (narrow.value ?? "") === (wide.value ?? "");
}
