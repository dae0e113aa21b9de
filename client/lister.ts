import type { DeepReadonly, KubeObject } from "../api/machinery/object.ts";

/** Reads what an informer has seen. Objects are shared and frozen. */
export interface Lister<T extends KubeObject> {
  /** By key: `namespace/name`, or `name` where the resource has no namespaces. */
  get(key: string): DeepReadonly<T> | undefined;
  /** Those of one namespace, or all of them. */
  list(namespace?: string): Iterable<DeepReadonly<T>>;
  readonly size: number;
}

/** Finds objects by a value of theirs. */
export type IndexLookup<T extends KubeObject> = (value: string) => readonly DeepReadonly<T>[];

/** The values of an object that it can be found by. */
export type IndexValues<T extends KubeObject> = (object: DeepReadonly<T>) => readonly string[];

export function keyOf({ metadata }: DeepReadonly<KubeObject>): string {
  return keyFor(metadata?.namespace, metadata?.name ?? "");
}

export function keyFor(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === "" ? name : `${namespace}/${name}`;
}

/** The parts of a key; the namespace is "" where there is none. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf("/");
  return slash < 0 ? { namespace: "", name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
