import type { Clock } from "../../base/clock.ts";
import { sliced } from "../../base/slice.ts";
import type { Revision, Store, StoreEvent, WatchBatch } from "../../storage/store.ts";
import type { Kind } from "../encoding/kind.ts";
import { ResourceCache, type CacheListener } from "./resource-cache.ts";
import { RecordReader, type Digest } from "./record-reader.ts";
import type { Record } from "./record.ts";

const registry = "/registry/";
/** The first page tells how large objects are; the others are as long as so many bytes allow. */
const firstPage = 50;
const longestPage = 1000;
const pageBytes = 4 * 1024 * 1024;

export interface CacheDeps {
  readonly clock: Clock;
  /** Since when all values were written by this very build (`markOwnValues`). */
  readonly ownSince?: Revision | undefined;
}

/** Follows the whole store in the tick of each commit; a resource's objects are loaded when they are first asked for. */
export class Cache {
  readonly store: Store;
  readonly #deps: CacheDeps;
  readonly #digests = new Map<string, Digest>();
  readonly #loaded = new Map<string, ResourceCache>();
  readonly #loading = new Map<string, { promise: Promise<ResourceCache>; missed: StoreEvent[] }>();
  readonly #waiting = new Set<{ readonly revision: number; readonly resolve: () => void }>();
  readonly #unsubscribe: () => void;
  #revision: number;

  constructor(store: Store, deps: CacheDeps) {
    this.store = store;
    this.#deps = deps;
    const subscription = store.subscribe(registry, (batch) => this.#follow(batch));
    this.#revision = subscription.revision;
    this.#unsubscribe = () => subscription.unsubscribe();
  }

  /** The newest revision whose changes can be read here. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Resolves when this cache has caught up with the store as it is now: reads after it are linearizable. Undefined: it
   * has.
   */
  fresh(): Promise<unknown> | undefined {
    const revision = this.store.revision();
    if (revision instanceof Promise) return revision.then((newest) => this.reached(newest));
    return revision <= this.#revision ? undefined : this.reached(revision);
  }

  /** Whether the cache reached a revision before the signal was aborted. */
  async reached(revision: number, signal?: AbortSignal): Promise<boolean> {
    if (revision <= this.#revision) return true;
    if (signal?.aborted === true) return false;
    return new Promise((resolve) => {
      const waiter = { revision, resolve: () => resolve(true) };
      this.#waiting.add(waiter);
      signal?.addEventListener("abort", () => resolve(!this.#waiting.delete(waiter)), { once: true });
    });
  }

  /** What to keep of each object of a kind beside its bytes (`RecordMeta.digest`). To be said before the kind is asked for. */
  digest(kind: Kind, digest: Digest): void {
    this.#digests.set(storagePrefix(kind), digest);
  }

  resource(kind: Kind): ResourceCache | Promise<ResourceCache> {
    const prefix = storagePrefix(kind);
    return this.#loaded.get(prefix) ?? this.#loading.get(prefix)?.promise ?? this.#load(prefix, kind);
  }

  /** The resource when it has caught up with the store as it is now; at once where nothing has to be waited for. */
  current(kind: Kind): ResourceCache | Promise<ResourceCache> {
    const resource = this.resource(kind);
    if (resource instanceof Promise) return this.#caughtUp(resource);
    const fresh = this.fresh();
    return fresh === undefined ? resource : fresh.then(() => resource);
  }

  /** Undefined: nobody has asked for the resource yet. */
  loaded(kind: Kind): ResourceCache | undefined {
    return this.#loaded.get(storagePrefix(kind));
  }

  /** The kind is gone or reads its objects in another way: its watches end, and it is loaded anew when it is asked for. */
  forget(kind: Kind): void {
    const prefix = storagePrefix(kind);
    this.#loaded.get(prefix)?.forget();
    this.#loaded.delete(prefix);
    this.#loading.delete(prefix);
  }

  /** How many objects there are of each resource that has been asked for. */
  *counts(): Generator<readonly [resource: string, count: number]> {
    for (const { reader, size } of this.#loaded.values()) yield [reader.resource, size];
  }

  close(): void {
    this.#unsubscribe();
  }

  async #caughtUp(loading: Promise<ResourceCache>): Promise<ResourceCache> {
    const resource = await loading;
    await this.fresh();
    return resource;
  }

  async #load(prefix: string, kind: Kind): Promise<ResourceCache> {
    const missed: StoreEvent[] = [];
    const promise = this.#read(prefix, kind, missed);
    this.#loading.set(prefix, { promise, missed });
    try {
      return await promise;
    } finally {
      if (this.#loading.get(prefix)?.missed === missed) this.#loading.delete(prefix);
    }
  }

  /** All pages are read at one revision; what happened since was kept in `missed`. */
  async #read(prefix: string, kind: Kind, missed: StoreEvent[]): Promise<ResourceCache> {
    const reader = new RecordReader(kind, { ownSince: this.#deps.ownSince, digest: this.#digests.get(prefix) });
    const initial: Record[] = [];
    let after = "";
    let revision: number | undefined;
    for (let limit = firstPage; ;) {
      const page = await this.store.list(prefix, {
        limit,
        ...(after === "" ? {} : { after }),
        ...(revision === undefined ? {} : { revision }),
      });
      revision ??= page.revision;
      const records = sliced(page.items, ({ key, modRevision, value }) => reader.read(key, modRevision, value));
      for await (const record of records) initial.push(record);
      const last = page.items.at(-1);
      if (page.remaining === 0 || last === undefined) break;
      after = last.key;
      limit = pageAfter(page.items);
    }
    const loaded = new ResourceCache(prefix, reader, { clock: this.#deps.clock, revision, initial });
    const nobody = new Set<CacheListener>();
    for (const event of missed) if (revisionOf(event) > revision) loaded.apply(event, nobody);
    if (this.#loading.get(prefix)?.missed === missed) this.#loaded.set(prefix, loaded);
    else loaded.forget();
    return loaded;
  }

  #follow(batch: WatchBatch): void {
    const touched = new Set<CacheListener>();
    for (const event of batch.events) {
      const prefix = this.#prefixOf(keyOf(event));
      if (prefix === undefined) continue;
      const loaded = this.#loaded.get(prefix);
      if (loaded === undefined) this.#loading.get(prefix)?.missed.push(event);
      else loaded.apply(event, touched);
    }
    this.#revision = Math.max(this.#revision, batch.revision);
    for (const waiter of this.#waiting)
      if (waiter.revision <= this.#revision) {
        this.#waiting.delete(waiter);
        waiter.resolve();
      }
    for (const listener of touched) listener.wake();
  }

  /** Prefixes have one segment (`pods`) or two (`services/specs`); both are few, so both are tried. */
  #prefixOf(key: string): string | undefined {
    const one = key.indexOf("/", registry.length) + 1;
    const two = key.indexOf("/", one) + 1;
    for (const end of [two, one]) {
      const prefix = key.slice(0, end);
      if (end > 0 && (this.#loaded.has(prefix) || this.#loading.has(prefix))) return prefix;
    }
    return undefined;
  }
}

export function storagePrefix(kind: Kind): string {
  return `${registry}${kind.row.storagePrefix}/`;
}

/** Where an object lives: `/registry/pods/default/web-0`, `/registry/minions/node-1`. */
export function storageKey(kind: Kind, namespace: string, name: string): string {
  return `${storagePrefix(kind)}${namespace === "" ? "" : `${namespace}/`}${name}`;
}

/** How many objects of this size the next page may have. */
function pageAfter(items: readonly { readonly value: Buffer }[]): number {
  const bytes = items.reduce((sum, { value }) => sum + value.length, 0);
  return Math.min(longestPage, Math.max(1, Math.floor((pageBytes * items.length) / Math.max(1, bytes))));
}

function keyOf(event: StoreEvent): string {
  return event.type === "put" ? event.current.key : event.key;
}

function revisionOf(event: StoreEvent): number {
  return event.type === "put" ? event.current.modRevision : event.revision;
}
