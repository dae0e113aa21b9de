import type { DeepReadonly, KubeObject } from "../api/machinery/object.ts";
import { ApiError, type Status } from "../api/machinery/status.ts";
import type { ApiResponse, Transport, WatchEvent } from "../api/wire.ts";
import type { Activity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import { answerOf, errorOf } from "./call.ts";
import { collectionOf } from "./client.ts";
import { IndexedCache } from "./indexed-cache.ts";
import { type IndexLookup, type IndexValues, keyFor, keyOf, type Lister } from "./lister.ts";
import { pause } from "./pause.ts";
import type { ResourceType } from "./resource-types.ts";
import { SeenWaits } from "./seen-waits.ts";
import { watchBatches } from "./watch-events.ts";

/** Told of each change, in order, right when the cache has it. Must not wait, and must not change the objects. */
export interface InformerHandler<T extends KubeObject> {
  added?(object: DeepReadonly<T>): void;
  updated?(object: DeepReadonly<T>, old: DeepReadonly<T>): void;
  deleted?(object: DeepReadonly<T>): void;
}

/** A copy of what the server has of a resource, kept by a watch. */
export interface Informer<T extends KubeObject> extends Lister<T> {
  /**
   * Objects that are there already are told as added. With `resync` all are told again, as updated to themselves, each
   * so many milliseconds. Returns what ends it.
   */
  on(handler: InformerHandler<T>, options?: { readonly resync?: number }): () => void;
  index(valuesOf: IndexValues<T>): IndexLookup<T>;
  /** Resolves when the cache has everything that was there when it began. */
  readonly synced: Promise<void>;
  readonly hasSynced: boolean;
}

export interface InformerOptions<T extends KubeObject> {
  readonly type: ResourceType<T>;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** What the server is asked for, where that is not whole objects as JSON. */
  readonly accept?: string;
}

export interface InformerDeps {
  readonly transport: Transport;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Of those who wait until it has seen what they wrote. */
  readonly activity?: Activity;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Milliseconds between two tries to reach the server, doubled with each failure, and then up to twice as long by chance. */
const backoff = { first: 400, most: 15_000 };

type Position =
  /** Everything is asked for anew: at the start, and when the server no longer has the history (410). */
  { readonly at: "beginning" } | { readonly at: "revision"; readonly resourceVersion: string };

/** How the objects of a streamed list are gathered until the bookmark that ends it. */
type Phase<T extends KubeObject> =
  | { readonly is: "listing"; readonly items: Map<string, DeepReadonly<T>> }
  | { readonly is: "watching" };

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists */
export class WatchingInformer<T extends KubeObject> implements Informer<T> {
  readonly synced: Promise<void>;
  readonly #options: InformerOptions<T>;
  readonly #deps: InformerDeps;
  readonly #cache = new IndexedCache<T>();
  readonly #handlers = new Set<InformerHandler<T>>();
  #position: Position = { at: "beginning" };
  #phase: Phase<T> = { is: "watching" };
  /** Every change up to here is in the cache. */
  #seen = 0;
  readonly #waits: SeenWaits;
  #hasSynced = false;
  #tellSynced: () => void = () => {};

  constructor(options: InformerOptions<T>, deps: InformerDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#waits = new SeenWaits(deps);
    this.synced = new Promise((resolve) => (this.#tellSynced = resolve));
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  get size(): number {
    return this.#cache.size;
  }

  get(key: string): DeepReadonly<T> | undefined {
    return this.#cache.get(key);
  }

  list(namespace?: string): Iterable<DeepReadonly<T>> {
    return this.#cache.list(namespace);
  }

  index(valuesOf: IndexValues<T>): IndexLookup<T> {
    return this.#cache.index(valuesOf);
  }

  on(handler: InformerHandler<T>, { resync }: { readonly resync?: number } = {}): () => void {
    this.#handlers.add(handler);
    for (const object of this.#cache.list()) this.#safely(() => handler.added?.(object));
    const stopResync = resync === undefined ? undefined : this.#resync(handler, resync);
    return () => {
      stopResync?.();
      this.#handlers.delete(handler);
    };
  }

  /** Follows the server until the signal ends it; whatever fails is tried again. */
  async run(): Promise<void> {
    const { signal, log } = this.#deps;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const wasUseful = await this.#follow();
        failures = wasUseful ? 0 : failures + 1;
      } catch (thrown) {
        if (signal.aborted) return;
        if (isTooOld(thrown)) this.#position = { at: "beginning" };
        else if (isNotServed(thrown) && !this.#hasSynced) this.#finishSync();
        else if (!isNotServed(thrown))
          log.warn("a watch failed", { resource: this.#options.type.plural, error: String(thrown) });
        failures += 1;
      }
      if (failures > 0) await this.#pause(failures);
    }
  }

  /** Resolves when the cache has what was written, or something newer. */
  whenSeen(object: DeepReadonly<KubeObject>): Promise<void> | undefined {
    const revision = Number(object.metadata?.resourceVersion ?? 0);
    return this.#seen >= revision ? undefined : this.#waits.forRevision(revision);
  }

  /** Resolves when the cache no longer has an object. */
  whenGone(namespace: string | undefined, name: string, uid: string | undefined): Promise<void> | undefined {
    const key = keyFor(namespace, name);
    const before = this.#cache.get(key)?.metadata?.uid;
    const gone = uid ?? before;
    const isGone = (): boolean => {
      const there = this.#cache.get(key)?.metadata?.uid;
      return there === undefined || there !== gone;
    };
    return isGone() ? undefined : this.#waits.until(isGone);
  }

  /** One watch from start to end; tells whether anything came of it. */
  async #follow(): Promise<boolean> {
    const { transport, userAgent, signal } = this.#deps;
    const { accept = "application/json" } = this.#options;
    const position = this.#position;
    this.#phase = position.at === "beginning" ? { is: "listing", items: new Map() } : { is: "watching" };
    const response = await transport({
      method: "GET",
      url: this.#url(position),
      headers: { accept, "user-agent": userAgent },
      signal,
      peer: { address: "in process" },
    });
    if (response.status !== 200) throw await refusalOf(response);
    let wasUseful = false;
    for await (const events of watchBatches(response, signal)) {
      for (const event of events) this.#take(event);
      wasUseful = true;
      this.#waits.release(this.#seen);
    }
    return wasUseful;
  }

  #url(position: Position): string {
    const { type, namespace, labelSelector, fieldSelector } = this.#options;
    const query = new URLSearchParams({ watch: "true", allowWatchBookmarks: "true" });
    if (labelSelector !== undefined) query.set("labelSelector", labelSelector);
    if (fieldSelector !== undefined) query.set("fieldSelector", fieldSelector);
    if (position.at === "revision") query.set("resourceVersion", position.resourceVersion);
    else {
      query.set("sendInitialEvents", "true");
      query.set("resourceVersionMatch", "NotOlderThan");
      // Never back behind what was seen already.
      if (this.#seen > 0) query.set("resourceVersion", String(this.#seen));
    }
    return `${collectionOf(type, namespace)}?${query.toString()}`;
  }

  #take({ type, object }: WatchEvent): void {
    if (type === "ERROR") throw errorOf(object as unknown as Status, (object as { code?: number }).code ?? 500);
    const resourceVersion = object.metadata?.resourceVersion ?? "";
    if (this.#phase.is === "listing") {
      if (type !== "BOOKMARK") this.#phase.items.set(keyOf(object), object as DeepReadonly<T>);
      else if (endsInitialEvents(object)) this.#replace(this.#phase.items, resourceVersion);
      return;
    }
    this.#position = { at: "revision", resourceVersion };
    this.#seen = Math.max(this.#seen, Number(resourceVersion));
    if (type === "DELETED") this.#remove(keyOf(object), object as DeepReadonly<T>);
    else if (type !== "BOOKMARK") this.#put(object as DeepReadonly<T>);
  }

  /** What is in the cache and not among the items was deleted while nobody watched. */
  #replace(items: ReadonlyMap<string, DeepReadonly<T>>, resourceVersion: string): void {
    this.#phase = { is: "watching" };
    this.#position = { at: "revision", resourceVersion };
    this.#seen = Math.max(this.#seen, Number(resourceVersion));
    for (const key of [...this.#cache.keys()]) if (!items.has(key)) this.#remove(key);
    for (const object of items.values()) this.#put(object);
    if (!this.#hasSynced) this.#finishSync();
  }

  #finishSync(): void {
    this.#hasSynced = true;
    this.#tellSynced();
  }

  #put(object: DeepReadonly<T>): void {
    const old = this.#cache.get(keyOf(object));
    if (old?.metadata?.resourceVersion === object.metadata?.resourceVersion && old !== undefined) return;
    // Deleted and made again while nobody watched: whoever knew the first must learn that it is gone.
    if (old !== undefined && old.metadata?.uid !== object.metadata?.uid) {
      this.#remove(keyOf(object));
      this.#put(object);
      return;
    }
    this.#cache.put(object);
    for (const handler of this.#handlers)
      this.#safely(() => (old === undefined ? handler.added?.(object) : handler.updated?.(object, old)));
  }

  /** Handlers are shown the object as it was last, where the event tells. */
  #remove(key: string, last?: DeepReadonly<T>): void {
    const old = this.#cache.remove(key);
    if (old === undefined) return;
    for (const handler of this.#handlers) this.#safely(() => handler.deleted?.(last ?? old));
  }

  #resync(handler: InformerHandler<T>, milliseconds: number): () => void {
    let cancel = (): void => {};
    const later = (): void => {
      cancel = this.#deps.clock.after(milliseconds, () => {
        for (const object of this.#cache.list()) this.#safely(() => handler.updated?.(object, object));
        later();
      });
    };
    later();
    return () => cancel();
  }

  /** A handler that fails must not keep the others from what happens. */
  #safely(call: () => void): void {
    try {
      call();
    } catch (thrown) {
      this.#deps.log.error("an event handler failed", { resource: this.#options.type.plural, error: thrown });
    }
  }

  async #pause(failures: number): Promise<void> {
    const base = Math.min(backoff.first * 2 ** (failures - 1), backoff.most);
    this.#waits.rest();
    const { clock, signal, random } = this.#deps;
    await pause(base + random.integer(base), { clock, signal });
    this.#waits.goOn();
  }
}

/** The history that was asked for is gone: there is no way but to begin anew. */
function isTooOld(thrown: unknown): boolean {
  return thrown instanceof ApiError && (thrown.reason === "Expired" || thrown.reason === "Gone" || thrown.code === 410);
}

/** The server does not have the resource, or not yet: then there is nothing of it, and it is asked again. */
function isNotServed(thrown: unknown): boolean {
  return thrown instanceof ApiError && thrown.code === 404;
}

function endsInitialEvents({ metadata }: DeepReadonly<KubeObject>): boolean {
  return metadata?.annotations?.["k8s.io/initial-events-end"] === "true";
}

async function refusalOf(response: ApiResponse): Promise<ApiError> {
  return errorOf((await answerOf(response)) as Status, response.status);
}
