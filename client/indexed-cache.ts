import type { DeepReadonly, KubeObject } from "../api/machinery/object.ts";
import { type IndexLookup, type IndexValues, keyOf, type Lister } from "./lister.ts";

type Keyed<T> = Map<string, T>;

interface Index<T extends KubeObject> {
  readonly valuesOf: IndexValues<T>;
  readonly byValue: Map<string, Set<DeepReadonly<T>>>;
}

const none: readonly never[] = [];

/** Objects by key, by namespace, and by whatever else they are looked up by. */
export class IndexedCache<T extends KubeObject> implements Lister<T> {
  readonly #all: Keyed<DeepReadonly<T>> = new Map();
  readonly #byNamespace = new Map<string, Keyed<DeepReadonly<T>>>();
  readonly #indexes: Index<T>[] = [];

  get size(): number {
    return this.#all.size;
  }

  get(key: string): DeepReadonly<T> | undefined {
    return this.#all.get(key);
  }

  list(namespace?: string): Iterable<DeepReadonly<T>> {
    if (namespace === undefined) return this.#all.values();
    return this.#byNamespace.get(namespace)?.values() ?? none;
  }

  keys(): Iterable<string> {
    return this.#all.keys();
  }

  /** Each index is kept from here on. Values are computed once per object, so they must depend on it alone. */
  index(valuesOf: IndexValues<T>): IndexLookup<T> {
    const index: Index<T> = { valuesOf, byValue: new Map() };
    this.#indexes.push(index);
    for (const object of this.#all.values()) enter(index, object);
    return (value) => {
      const found = index.byValue.get(value);
      return found === undefined ? none : [...found];
    };
  }

  /** Returns what was there before. */
  put(object: DeepReadonly<T>): DeepReadonly<T> | undefined {
    const key = keyOf(object);
    const old = this.#all.get(key);
    this.#all.set(key, object);
    const namespace = object.metadata?.namespace;
    if (namespace !== undefined) {
      let inside = this.#byNamespace.get(namespace);
      if (inside === undefined) this.#byNamespace.set(namespace, (inside = new Map()));
      inside.set(key, object);
    }
    for (const index of this.#indexes) {
      if (old !== undefined) leave(index, old);
      enter(index, object);
    }
    return old;
  }

  remove(key: string): DeepReadonly<T> | undefined {
    const old = this.#all.get(key);
    if (old === undefined) return undefined;
    this.#all.delete(key);
    const namespace = old.metadata?.namespace;
    if (namespace !== undefined) {
      const inside = this.#byNamespace.get(namespace);
      inside?.delete(key);
      if (inside?.size === 0) this.#byNamespace.delete(namespace);
    }
    for (const index of this.#indexes) leave(index, old);
    return old;
  }
}

function enter<T extends KubeObject>({ valuesOf, byValue }: Index<T>, object: DeepReadonly<T>): void {
  for (const value of valuesOf(object)) {
    const found = byValue.get(value);
    if (found === undefined) byValue.set(value, new Set([object]));
    else found.add(object);
  }
}

function leave<T extends KubeObject>({ valuesOf, byValue }: Index<T>, object: DeepReadonly<T>): void {
  for (const value of valuesOf(object)) {
    const found = byValue.get(value);
    found?.delete(object);
    if (found?.size === 0) byValue.delete(value);
  }
}
