import { ApiError } from "../../api/machinery/status.ts";
import type { StoredWatch, WatchEvent, WatchEventType } from "../../api/wire.ts";
import { CompactedError, type StoreEvent, type WatchBatch } from "../../storage/store.ts";
import type { Cache } from "./cache.ts";
import { CacheEvent } from "./cache-event.ts";
import type { Presentation } from "./presentation.ts";
import type { Record } from "./record.ts";
import type { CacheListener, ResourceCache } from "./resource-cache.ts";
import { indexKey, type Selection } from "./selection.ts";

/** A watcher that has this many events waiting goes back to the store's history, at its own pace. */
const maxQueued = 1000;

export interface WatchStart {
  readonly selection: Selection;
  /** The first revision wanted is the one after this. */
  readonly after: number;
  /** Objects told as ADDED first (`sendInitialEvents`, or no resourceVersion at all), with whether a bookmark ends them. */
  readonly initial?: { readonly records: readonly Record[]; readonly bookmark: boolean };
  /** Bookmarks at times, and one before the end. */
  readonly bookmarks: boolean;
}

/** Exactly one of these at a time. */
type State =
  | { readonly at: "initial"; next: number }
  | { readonly at: "catching-up"; readonly stop: AbortController }
  | { readonly at: "live"; readonly leave: () => void }
  | { readonly at: "ended" };

type Item =
  | { readonly what: "event"; readonly event: CacheEvent; readonly type: WatchEventType; readonly record: Record }
  | { readonly what: "initial"; readonly record: Record }
  | { readonly what: "bookmark"; readonly revision: number; readonly initialEventsEnd: boolean }
  | { readonly what: "error"; readonly error: ApiError };

/** One watch: told of matching changes, pulled by its reader. */
export class Watcher implements StoredWatch, CacheListener {
  readonly indexKey: string;
  readonly #cache: Cache;
  readonly #resource: ResourceCache;
  readonly #start: WatchStart;
  readonly #presentation: Presentation;
  #state: State;
  #queue: Item[] = [];
  /** Everything up to here was queued or was not for this watcher. */
  #seen: number;
  /** The next event waits for a conversion webhook. */
  #isPreparing = false;
  readonly #abandon: () => void;
  #onReadable: (() => void) | undefined;
  #onEnd: (() => void) | undefined;
  #onDrained: (() => void) | undefined;

  constructor(cache: Cache, resource: ResourceCache, start: WatchStart, presentation: Presentation) {
    this.#cache = cache;
    this.#resource = resource;
    this.#start = start;
    this.#presentation = presentation;
    this.#seen = start.after;
    this.indexKey = indexKey(start.selection);
    this.#state = { at: "initial", next: 0 };
    this.#abandon = resource.adopt(this);
    if (start.initial === undefined) this.#goLive();
  }

  get ended(): boolean {
    return this.#state.at === "ended" && this.#queue.length === 0;
  }

  take(maxBytes: number): Uint8Array | undefined {
    const frames: Buffer[] = [];
    let size = 0;
    while (size < maxBytes) {
      const item = this.#next();
      if (item === undefined) break;
      const frame = this.#frameOf(item);
      frames.push(frame);
      size += frame.length;
    }
    this.#askForMore();
    return frames.length <= 1 ? frames[0] : Buffer.concat(frames, size);
  }

  takeEvents(max: number): readonly WatchEvent[] {
    const events: WatchEvent[] = [];
    while (events.length < max) {
      const item = this.#next();
      if (item === undefined) break;
      events.push(this.#eventOf(item));
    }
    this.#askForMore();
    return events;
  }

  onReadable(call: () => void): void {
    const isReady = this.#queue.length > 0 || this.#state.at === "initial" || this.#state.at === "ended";
    if (isReady && !this.#isPreparing) queueMicrotask(call);
    else this.#onReadable = call;
  }

  /** Ends with a last bookmark behind what is still queued, so that the client can resume where it stands. */
  expire(): void {
    if (this.#start.bookmarks && this.#state.at !== "initial") this.#bookmark();
    this.close();
  }

  close(): void {
    if (this.#state.at === "ended") return;
    this.#leave();
    this.#abandon();
    this.#state = { at: "ended" };
    this.#onEnd?.();
    this.wake();
  }

  /** Calls back once, when no more events will be queued. */
  onEnd(call: () => void): void {
    if (this.#state.at === "ended") call();
    else this.#onEnd = call;
  }

  offer(event: CacheEvent): void {
    // A client may name a revision that is still to come: it has seen everything up to there.
    if (event.revision <= this.#seen) return;
    const seen = event.seenBy(this.#start.selection);
    if (seen !== undefined && this.#state.at === "live" && this.#queue.length >= maxQueued) {
      this.#catchUp();
      return;
    }
    this.#seen = event.revision;
    if (seen !== undefined) this.#queue.push({ what: "event", event, ...seen });
  }

  wake(): void {
    const call = this.#onReadable;
    if (call === undefined || this.#isPreparing || (this.#queue.length === 0 && this.#state.at !== "ended")) return;
    this.#onReadable = undefined;
    call();
  }

  /** Tells the client how far it has seen everything; only where that is known. */
  offerBookmark(): void {
    if (!this.#start.bookmarks || this.#state.at !== "live" || this.#queue.length > 0) return;
    this.#bookmark();
    this.wake();
  }

  /** A live watcher has been offered all that the cache has seen. */
  #bookmark(): void {
    const seen = this.#state.at === "live" ? Math.max(this.#seen, this.#cache.revision) : this.#seen;
    this.#queue.push({ what: "bookmark", revision: seen, initialEventsEnd: false });
  }

  #next(): Item | undefined {
    const state = this.#state;
    if (state.at === "initial") {
      const record = this.#start.initial?.records[state.next];
      state.next += 1;
      if (record !== undefined) return { what: "initial", record };
      this.#goLive();
      if (this.#start.initial?.bookmark === true)
        return { what: "bookmark", revision: this.#start.after, initialEventsEnd: true };
    }
    return this.#isPrepared() ? this.#queue.shift() : undefined;
  }

  /** Whether the next item can be shown; if not, the reader is woken when it can. */
  #isPrepared(): boolean {
    const [item] = this.#queue;
    if (this.#isPreparing) return false;
    const waiting = item?.what === "event" ? this.#presentation.prepare([item.record]) : undefined;
    if (waiting === undefined) return true;
    this.#isPreparing = true;
    waiting
      .catch((thrown: unknown) => {
        this.#queue.length = 0;
        this.#fail(thrown);
      })
      .finally(() => {
        this.#isPreparing = false;
        this.wake();
      });
    return false;
  }

  #askForMore(): void {
    if (this.#queue.length > maxQueued / 2) return;
    const call = this.#onDrained;
    this.#onDrained = undefined;
    call?.();
  }

  /** Joins the cache's live events, with those that the window still has; else reads history first. */
  #goLive(): void {
    const missed = this.#resource.window.after(this.#seen);
    if (missed === undefined) {
      this.#catchUp();
      return;
    }
    this.#leave();
    this.#state = { at: "live", leave: this.#resource.listen(this) };
    for (const event of missed) {
      this.offer(event);
      // More than it may queue: it reads history again.
      if (this.#state.at !== "live") break;
    }
    this.wake();
  }

  #catchUp(): void {
    this.#leave();
    const stop = new AbortController();
    this.#state = { at: "catching-up", stop };
    this.#readHistory(stop.signal).catch((thrown: unknown) => {
      if (!stop.signal.aborted) this.#fail(thrown);
    });
  }

  async #readHistory(signal: AbortSignal): Promise<void> {
    const batches = this.#cache.store.watch(this.#resource.prefix, { from: this.#seen + 1, signal });
    for await (const batch of batches) {
      if (signal.aborted) return;
      this.#takeBatch(batch);
      while (this.#queue.length >= maxQueued) {
        await new Promise<void>((resolve) => (this.#onDrained = resolve));
        if (signal.aborted) return;
      }
      // The window may have moved on meanwhile; it is joined as soon as it reaches back to where this one stands.
      if (this.#resource.window.after(this.#seen) !== undefined) {
        this.#goLive();
        return;
      }
    }
  }

  #takeBatch(batch: WatchBatch): void {
    for (const event of batch.events) this.offer(this.#historic(event));
    this.#seen = Math.max(this.#seen, batch.revision);
    this.wake();
  }

  #historic(event: StoreEvent): CacheEvent {
    const { reader } = this.#resource;
    const previous =
      event.previous === undefined
        ? undefined
        : reader.read(event.previous.key, event.previous.modRevision, event.previous.value);
    if (event.type === "delete") return new CacheEvent(event.revision, undefined, previous);
    const { key, modRevision, value } = event.current;
    return new CacheEvent(modRevision, reader.read(key, modRevision, value), previous);
  }

  #fail(thrown: unknown): void {
    const error =
      thrown instanceof CompactedError
        ? new ApiError("Expired", `too old resource version: ${this.#seen} (${thrown.compacted})`)
        : ApiError.from(thrown);
    this.#queue.push({ what: "error", error });
    this.close();
  }

  #leave(): void {
    if (this.#state.at === "live") this.#state.leave();
    if (this.#state.at === "catching-up") this.#state.stop.abort();
    const drained = this.#onDrained;
    this.#onDrained = undefined;
    drained?.();
  }

  #frameOf(item: Item): Buffer {
    const presentation = this.#presentation;
    switch (item.what) {
      case "event":
        return presentation.frame(item.type, item.record, item.event);
      case "initial":
        return presentation.frame("ADDED", item.record);
      case "bookmark":
        return presentation.bookmark(item.revision, item.initialEventsEnd);
      case "error":
        return presentation.error(item.error.toStatus());
    }
  }

  #eventOf(item: Item): WatchEvent {
    switch (item.what) {
      case "event":
        return { type: item.type, object: this.#presentation.object(item.record) };
      case "initial":
        return { type: "ADDED", object: this.#presentation.object(item.record) };
      case "bookmark":
        return { type: "BOOKMARK", object: bookmarkObject(item.revision, item.initialEventsEnd) };
      case "error":
        return { type: "ERROR", object: item.error.toStatus() as WatchEvent["object"] };
    }
  }
}

const initialEventsEndAnnotation = "k8s.io/initial-events-end";

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks and #streaming-lists */
export function bookmarkObject(revision: number, initialEventsEnd: boolean): WatchEvent["object"] {
  return {
    metadata: {
      resourceVersion: String(revision),
      ...(initialEventsEnd ? { annotations: { [initialEventsEndAnnotation]: "true" } } : {}),
    },
  };
}
