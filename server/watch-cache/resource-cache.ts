import type { Clock } from "../../base/clock.ts";
import { compareKeys } from "../../storage/mvcc/key-index.ts";
import type { StoreEvent } from "../../storage/store.ts";
import { exactField } from "../../api/machinery/fields.ts";
import { CacheEvent } from "./cache-event.ts";
import { FieldIndex } from "./field-index.ts";
import type { Record } from "./record.ts";
import type { RecordReader } from "./record-reader.ts";
import { indexKeysOf, selects, selectsAll, type Selection } from "./selection.ts";
import { SortedKeys } from "./sorted-keys.ts";
import { Window } from "./window.ts";

/** Each node asks for its own pods. */
const nodeName = "spec.nodeName";

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
  readonly #watchers = new Set<{ close(): void }>();
  #isForgotten = false;
  readonly #clock: Clock;
  readonly #records = new Map<string, Record>();
  /** In the store's order, so that pages of either go on in the other; a namespace is a range. */
  readonly #keys: SortedKeys;
  readonly #byNode = new FieldIndex(nodeName);
  readonly #listeners = new Map<string, Set<CacheListener>>();
  #listenerCount = 0;
  #revision: number;

  constructor(
    prefix: string,
    reader: RecordReader,
    deps: { readonly clock: Clock; readonly revision: number; readonly initial: readonly Record[] },
  ) {
    this.prefix = prefix;
    this.reader = reader;
    this.window = new Window(deps.revision);
    this.#clock = deps.clock;
    this.#revision = deps.revision;
    for (const record of deps.initial) this.#records.set(record.key, record);
    this.#keys = new SortedKeys(deps.initial.map(({ key }) => key));
    for (const record of deps.initial) this.#byNode.change(undefined, record);
  }

  get size(): number {
    return this.#keys.size;
  }

  /** Moves with every change of the resource. */
  get revision(): number {
    return this.#revision;
  }

  get listenerCount(): number {
    return this.#listenerCount;
  }

  get(key: string): Record | undefined {
    return this.#records.get(key);
  }

  /** The record of a write that was just made: as a rule the one that the cache has followed it to. */
  written(key: string, revision: number, value: Buffer): Record {
    const current = this.#records.get(key);
    return current?.revision === revision ? current : this.reader.read(key, revision, value);
  }

  /** Objects that a selection wants, in key order, from the key after `after` on. */
  *select(selection: Selection, after = ""): Generator<Record> {
    const few = this.#fewFor(selection);
    if (few !== undefined) {
      for (const record of few) if (compareKeys(record.key, after) > 0 && selects(selection, record.meta)) yield record;
      return;
    }
    const prefix = selection.namespace === "" ? this.prefix : `${this.prefix}${selection.namespace}/`;
    const all = selectsAll(selection);
    for (const key of this.#keys.from(compareKeys(after, prefix) > 0 ? `${after}\0` : prefix)) {
      if (!key.startsWith(prefix)) return;
      const record = this.#records.get(key);
      if (record !== undefined && (all || selects(selection, record.meta))) yield record;
    }
  }

  /** Those that may fit, in key order, where it need not be asked of all; undefined where it must. */
  #fewFor({ namespace, fields }: Selection): readonly Record[] | undefined {
    const node = exactField(fields, nodeName);
    if (node !== undefined && node !== "")
      return this.#byNode.keysOf(node).flatMap((key) => this.#records.get(key) ?? []);
    const name = exactField(fields, "metadata.name");
    if (name === undefined) return undefined;
    if (namespace !== "") return this.#at(`${namespace}/${name}`);
    // One object tells whether the kind has namespaces.
    const [first] = this.#records.values();
    return first === undefined || first.meta.namespace === "" ? this.#at(name) : undefined;
  }

  #at(rest: string): readonly Record[] {
    const record = this.#records.get(`${this.prefix}${rest}`);
    return record === undefined ? [] : [record];
  }

  /** How many keys of a namespace ("" for all) follow after a key. */
  countAfter(namespace: string, key: string): number {
    const prefix = namespace === "" ? this.prefix : `${this.prefix}${namespace}/`;
    return this.#keys.countBefore(`${prefix}\u{10ffff}`) - this.#keys.countBefore(`${key}\0`);
  }

  /** Takes one revision's change; the listeners that were touched are added to `touched`. */
  apply(event: StoreEvent, touched: Set<CacheListener>): void {
    const key = event.type === "put" ? event.current.key : event.key;
    const revision = event.type === "put" ? event.current.modRevision : event.revision;
    const previous = this.#records.get(key);
    const current = event.type === "put" ? this.reader.read(key, revision, event.current.value) : undefined;
    if (current !== undefined) this.#records.set(key, current);
    else if (this.#records.delete(key)) this.#keys.remove(key);
    if (current !== undefined && previous === undefined) this.#keys.add(key);
    this.#byNode.change(previous, current);
    const change = new CacheEvent(revision, current, previous);
    this.#revision = revision;
    this.window.add(change, this.#clock.now());
    this.#tell(change, touched);
  }

  /** Takes in a watcher, live or still reading history, to be ended with this cache. */
  adopt(watcher: { close(): void }): () => void {
    if (this.#isForgotten) queueMicrotask(() => watcher.close());
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Nothing follows any more: all watches end. */
  forget(): void {
    this.#isForgotten = true;
    for (const watcher of this.#watchers) watcher.close();
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
    if (this.#listenerCount === 0) return;
    const keys = new Set<string>();
    for (const record of [change.current, change.previous])
      if (record !== undefined) for (const key of indexKeysOf(record.meta)) keys.add(key);
    for (const key of keys)
      for (const listener of this.#listeners.get(key) ?? []) {
        listener.offer(change);
        touched.add(listener);
      }
  }
}
