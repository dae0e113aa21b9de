/**
 * Objects as informers know them, with changes that the scheduler has decided on and that are not seen there yet: the
 * next pod must not be given the same volume or device.
 */
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import type { Lister } from "./listers.ts";

export interface AssumeCache<T extends KubeObject> extends Lister<T> {
  /** Only what informers know. */
  known(key: string): DeepReadonly<T> | undefined;
  /** Counts until informers bring a newer version than that of the object, or until `restore`. */
  assume(key: string, object: DeepReadonly<T>): void;
  restore(key: string): void;
}

export function createAssumeCache<T extends KubeObject>(
  lister: Lister<T>,
  keyOf: (object: DeepReadonly<T>) => string,
): AssumeCache<T> {
  const assumed = new Map<string, DeepReadonly<T>>();
  const current = (key: string, known: DeepReadonly<T> | undefined): DeepReadonly<T> | undefined => {
    const object = assumed.get(key);
    if (object === undefined) return known;
    if (known !== undefined && versionOf(known) <= versionOf(object)) return object;
    assumed.delete(key);
    return known;
  };
  return {
    known: (key) => lister.get(key),
    get: (key) => current(key, lister.get(key)),
    *list(namespace) {
      for (const object of lister.list(namespace)) yield current(keyOf(object), object) ?? object;
    },
    assume: (key, object) => void assumed.set(key, object),
    restore: (key) => void assumed.delete(key),
  };
}

/** Which of two versions of an object is the newer one. */
export function versionOf({ metadata }: DeepReadonly<KubeObject>): bigint {
  const text = metadata?.resourceVersion ?? "";
  return /^[0-9]{1,20}$/.test(text) ? BigInt(text) : 0n;
}
