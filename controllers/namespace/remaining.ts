import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";

/** What is left of a resource in a namespace. */
export interface Remaining {
  readonly resource: string;
  readonly group: string;
  readonly count: number;
  /** How many objects have a finalizer. */
  readonly finalizers: ReadonlyMap<string, number>;
}

export function remainingOf(
  of: { readonly resource: string; readonly group: string },
  objects: readonly DeepReadonly<KubeObject>[],
): Remaining {
  const finalizers = new Map<string, number>();
  for (const { metadata } of objects)
    for (const finalizer of metadata?.finalizers ?? []) finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
  return { ...of, count: objects.length, finalizers };
}
