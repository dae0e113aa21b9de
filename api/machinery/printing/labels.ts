import { type LabelSelector, selectorOf } from "../label-selector.ts";
import { formatSelector, type Labels, SelectorError } from "../labels.ts";
import type { DeepReadonly } from "../object.ts";

/** `a=b,c=d`, sorted; `<none>` when there is none. */
export function formatLabels(labels: Labels | null | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? "<none>" : pairs.toSorted().join(",");
}

/** A selector as cells show it: `app=web,!old,tier in (a,b)`; `<none>` when it is empty or absent. */
export function formatLabelSelector(selector: DeepReadonly<LabelSelector> | null | undefined): string {
  try {
    const text = formatSelector(selectorOf(selector));
    return text === "" ? "<none>" : text;
  } catch (thrown) {
    if (thrown instanceof SelectorError) return "<error>";
    throw thrown;
  }
}
