import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";

/** The name of the class that is marked as default; of several the newest, then the first by name. */
export function defaultClassName(
  classes: readonly DeepReadonly<KubeObject>[],
  marks: readonly string[],
): string | undefined {
  const marked = classes.filter(({ metadata }) => marks.some((mark) => metadata?.annotations?.[mark] === "true"));
  const born = (one: DeepReadonly<KubeObject>): number => Date.parse(one.metadata?.creationTimestamp ?? "") || 0;
  const [first] = marked.toSorted(
    (a, b) => born(b) - born(a) || ((a.metadata?.name ?? "") < (b.metadata?.name ?? "") ? -1 : 1),
  );
  return first?.metadata?.name;
}
