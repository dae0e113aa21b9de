import type { AnyPod } from "./observed.ts";

/** `web_default(8b1f…)`, as messages name pods. */
export function podLabel({ metadata }: AnyPod): string {
  return `${metadata?.name ?? ""}_${metadata?.namespace ?? ""}(${metadata?.uid ?? ""})`;
}
