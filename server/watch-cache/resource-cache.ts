import type { Clock } from "../../base/clock.ts";
import { compareKeys } from "../../storage/mvcc/key-index.ts";
import type { StoreEvent } from "../../storage/store.ts";
import { CacheEvent } from "./cache-event.ts";
import type { Record } from "./record.ts";
import type { RecordReader } from "./record-reader.ts";
import { indexKeysOf, selects, selectsAll, type Selection } from "./selection.ts";
import { Window } from "./window.ts";

/** Who is told of changes. `offer` only files the event; `wake` follows once per batch. */
export interface CacheListener {
  readonly indexKey: string;
  offer(event: CacheEvent): void;
  wake(): void;
}

/** The current objects of one resource, in key order, with the recent changes and who watches them. */
export class ResourceCache {
  readonly reader: RecordReader;
  readonly prefix: string;
  readonly window: Window;
  readonly #clock: Clock;
  readonly #records = new Map<string, Record>();
  /** In the store's order, so that pages of either go on in the other; a namespace is a range. */
  readonly #keys: string[] = [];
  readonly #listeners = new Map<string, Set<CacheListener>>();
  #listenerCount = 0;

  constructor(
    prefix: string,
    reader: RecordReader,
    deps: { readonly clock: Clock; readonly revision: number; readonly initial: readonly Record[] },
  ) {
    this.prefix = prefix;
    this.reader = reader;
    this.window = new Window(deps.revision);
    this.#clock = deps.clock;
    for (const record of deps.initial) {
      this.#records.set(record.key, record);
      this.#keys.push(record.key);
    }
  }

  get size(): number {
    return this.#keys.length;
  }

  get listenerCount(): number {
    return this.#listenerCount;
  }

  get(key: string): Record | undefined {
    return this.#records.get(key);
  }

  /** Objects that a selection wants, in key order, from the key after `after` on. */
  *select(selection: Selection, after = ""): Generator<Record> {
    const prefix = selection.namespace === "" ? this.prefix : `${this.prefix}${selection.namespace}/`;
    const all = selectsAll(selection);
    for (let index = this.#lowerBound(compareKeys(after, prefix) > 0 ? `${after}\0` : prefix); ; index += 1) {
      const key = this.#keys[index];
      if (key === undefined || !key.startsWith(prefix)) return;
      const record = this.#records.get(key);
      if (record !== undefined && (all || selects(selection, record.meta))) yield record;
    }
  }

  /** How many keys of a namespace ("" for all) follow after a key. */
  countAfter(namespace: string, key: string): number {
    const prefix = namespace === "" ? this.prefix : `${this.prefix}${namespace}/`;
    return this.#lowerBound(`${prefix}\u{10ffff}`) - this.#lowerBound(`${key}\0`);
  }

  /** Takes one revision's change; the listeners that were touched are added to `touched`. */
  apply(event: StoreEvent, touched: Set<CacheListener>): void {
    const key = event.type === "put" ? event.current.key : event.key;
    const revision = event.type === "put" ? event.current.modRevision : event.revision;
    const previous = this.#records.get(key);
    const current = event.type === "put" ? this.reader.read(key, revision, event.current.value) : undefined;
    if (current === undefined) this.#remove(key);
    else this.#set(key, current, previous === undefined);
    const change = new CacheEvent(revision, current, previous);
    this.window.add(change, this.#clock.now());
    this.#tell(change, touched);
  }

  listen(listener: CacheListener): () => void {
    let filed = this.#listeners.get(listener.indexKey);
    if (filed === undefined) this.#listeners.set(listener.indexKey, (filed = new Set()));
    filed.add(listener);
    this.#listenerCount += 1;
    return () => {
      if (!filed.delete(listener)) return;
      this.#listenerCount -= 1;
      if (filed.size === 0 && this.#listeners.get(listener.indexKey) === filed)
        this.#listeners.delete(listener.indexKey);
    };
  }

  *listeners(): Generator<CacheListener> {
    for (const filed of this.#listeners.values()) yield* filed;
  }

  #tell(change: CacheEvent, touched: Set<CacheListener>): void {
    const keys = new Set<string>();
    for (const record of [change.current, change.previous])
      if (record !== undefined) for (const key of indexKeysOf(record.meta)) keys.add(key);
    for (const key of keys)
      for (const listener of this.#listeners.get(key) ?? []) {
        listener.offer(change);
        touched.add(listener);
      }
  }

  #set(key: string, record: Record, isNew: boolean): void {
    this.#records.set(key, record);
    if (isNew) this.#keys.splice(this.#lowerBound(key), 0, key);
  }

  #remove(key: string): void {
    if (!this.#records.delete(key)) return;
    this.#keys.splice(this.#lowerBound(key), 1);
  }

  #lowerBound(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(this.#keys[middle] ?? "", key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
