import type {
  KeyValue,
  ListOptions,
  Page,
  Precondition,
  Revision,
  Store,
  StoreEvent,
  WatchBatch,
  WatchOptions,
} from "../store.ts";
import { sliced } from "../../base/slice.ts";
import { TransformError } from "./transform-error.ts";
import type { Decrypted, Transformer } from "./transformer.ts";

export type Direction = "from_storage" | "to_storage";

export interface EncryptedStoreParts {
  /** Undefined for keys whose values are stored as they are, whatever they are. */
  readonly transformerOf: (key: string) => Transformer | undefined;
  /** A change that somebody else has written cannot be read: those who are subscribed do not hear of it. */
  readonly unreadable: (error: unknown) => void;
  /** Counts what was transformed; `stored` is undefined where it failed. */
  readonly observe?: (key: string, direction: Direction, stored: Buffer | undefined) => void;
}

/** The same store, with values encrypted on their way in and decrypted on their way out. Keys stay readable. */
export function encryptedStore(store: Store, parts: EncryptedStoreParts): Store {
  return new EncryptedStore(store, parts);
}

class EncryptedStore implements Store {
  readonly #store: Store;
  readonly #parts: EncryptedStoreParts;
  /** By what is stored of it: whoever has written a value gets that very Buffer back. */
  readonly #own = new WeakMap<Buffer, Buffer>();

  constructor(store: Store, parts: EncryptedStoreParts) {
    this.#store = store;
    this.#parts = parts;
  }

  get compacted(): Revision {
    return this.#store.compacted;
  }

  revision(): Revision | Promise<Revision> {
    return this.#store.revision();
  }

  async get(key: string, options?: { readonly revision?: Revision }): Promise<KeyValue | undefined> {
    const found = await this.#store.get(key, options);
    return found && this.#readable(found);
  }

  async list(prefix: string, options?: ListOptions): Promise<Page> {
    const page = await this.#store.list(prefix, options);
    const items: KeyValue[] = [];
    for await (const item of sliced(page.items, (one) => this.#readable(one))) items.push(item);
    return { ...page, items };
  }

  async put(
    key: string,
    value: Buffer,
    options: { readonly expect: Precondition; readonly ttlSeconds?: number },
  ): Promise<KeyValue> {
    const stored = this.#stored(key, value);
    const encrypted = stored instanceof Promise ? await stored : stored;
    if (encrypted !== value) this.#own.set(encrypted, value);
    return { ...(await this.#store.put(key, encrypted, options)), value };
  }

  async delete(
    key: string,
    options: { readonly expect: Exclude<Precondition, "absent"> },
  ): Promise<{ readonly previous: KeyValue; readonly revision: Revision }> {
    const { previous, revision } = await this.#store.delete(key, options);
    // It is gone, whether it could be read or not.
    return { previous: (await this.#ifReadable(previous)) ?? unreadable(previous), revision };
  }

  async *watch(prefix: string, options: WatchOptions): AsyncGenerator<WatchBatch, void, void> {
    for await (const { events, revision } of this.#store.watch(prefix, options)) {
      const readable: StoreEvent[] = [];
      for (const event of events) readable.push(await this.#event(event));
      if (options.signal.aborted) return;
      yield { events: readable, revision };
    }
  }

  /** In the very tick, but for changes for which others have to be asked first; those that follow wait for them. */
  subscribe(
    prefix: string,
    onBatch: (batch: WatchBatch) => void,
  ): { readonly revision: Revision; unsubscribe(): void } {
    let waiting: Promise<void> | undefined;
    let isOver = false;
    const subscription = this.#store.subscribe(prefix, (batch) => {
      const readable = this.#batch(batch);
      if (waiting === undefined && !(readable instanceof Promise)) {
        onBatch(readable);
        return;
      }
      const before = waiting ?? Promise.resolve();
      const turn = before.then(async () => {
        const ready = await readable;
        if (waiting === turn) waiting = undefined;
        if (!isOver) onBatch(ready);
      });
      waiting = turn;
    });
    return {
      revision: subscription.revision,
      unsubscribe() {
        isOver = true;
        subscription.unsubscribe();
      },
    };
  }

  compact(revision: Revision): Promise<void> {
    return this.#store.compact(revision);
  }

  async isStale(key: string): Promise<boolean> {
    const found = await this.#store.get(key);
    const transformer = this.#parts.transformerOf(key);
    if (found === undefined || transformer === undefined) return false;
    return (await this.#decrypted(found, transformer)).stale;
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#store[Symbol.asyncDispose]();
  }

  #stored(key: string, value: Buffer): Buffer | Promise<Buffer> {
    const transformer = this.#parts.transformerOf(key);
    if (transformer === undefined) return value;
    const counted = (stored: Buffer): Buffer => {
      this.#parts.observe?.(key, "to_storage", stored);
      return stored;
    };
    return this.#attempt(key, "to_storage", () => transformer.toStorage(value, key), counted);
  }

  #decrypted({ key, value }: KeyValue, transformer: Transformer): Decrypted | Promise<Decrypted> {
    const counted = (found: Decrypted): Decrypted => {
      this.#parts.observe?.(key, "from_storage", value);
      return found;
    };
    return this.#attempt(key, "from_storage", () => transformer.fromStorage(value, key), counted);
  }

  #attempt<T extends object>(
    key: string,
    direction: Direction,
    work: () => T | Promise<T>,
    counted: (made: T) => T,
  ): T | Promise<T> {
    const failed = (thrown: unknown): never => {
      this.#parts.observe?.(key, direction, undefined);
      throw new TransformError(key, thrown);
    };
    let made: T | Promise<T>;
    try {
      made = work();
    } catch (thrown) {
      return failed(thrown);
    }
    return made instanceof Promise ? made.catch(failed).then(counted) : counted(made);
  }

  /** The very same where it is stored as it is. */
  #readable(item: KeyValue): KeyValue | Promise<KeyValue> {
    const own = this.#own.get(item.value);
    if (own !== undefined) return { ...item, value: own };
    const transformer = this.#parts.transformerOf(item.key);
    if (transformer === undefined) return item;
    const shown = ({ value }: Decrypted): KeyValue => (value === item.value ? item : { ...item, value });
    const found = this.#decrypted(item, transformer);
    return found instanceof Promise ? found.then(shown) : shown(found);
  }

  #ifReadable(item: KeyValue | undefined): KeyValue | undefined | Promise<KeyValue | undefined> {
    if (item === undefined) return undefined;
    try {
      const readable = this.#readable(item);
      return readable instanceof Promise ? readable.catch(skipUnreadable) : readable;
    } catch (thrown) {
      return skipUnreadable(thrown);
    }
  }

  /** What was there before is left out where it cannot be read any more. */
  #event(event: StoreEvent): StoreEvent | Promise<StoreEvent> {
    const previous = this.#ifReadable(event.previous);
    const current = event.type === "put" ? this.#readable(event.current) : undefined;
    if (previous instanceof Promise || current instanceof Promise)
      return Promise.all([previous, current]).then(([before, now]) => changed(event, before, now));
    return changed(event, previous, current);
  }

  #batch({ events, revision }: WatchBatch): WatchBatch | Promise<WatchBatch> {
    const told = events.map((event) => this.#told(event));
    const batch = (known: readonly (StoreEvent | undefined)[]): WatchBatch => ({
      events: known.filter((event) => event !== undefined),
      revision,
    });
    return told.every(isReady) ? batch(told) : Promise.all(told.map((event) => Promise.resolve(event))).then(batch);
  }

  #told(event: StoreEvent): StoreEvent | undefined | Promise<StoreEvent | undefined> {
    const failed = (thrown: unknown): undefined => this.#parts.unreadable(thrown) as undefined;
    try {
      const readable = this.#event(event);
      return readable instanceof Promise ? readable.catch(failed) : readable;
    } catch (thrown) {
      return failed(thrown);
    }
  }
}

function changed(event: StoreEvent, previous: KeyValue | undefined, current: KeyValue | undefined): StoreEvent {
  return event.type === "put" ? { ...event, current: current ?? event.current, previous } : { ...event, previous };
}

function isReady<T>(value: T | Promise<T>): value is T {
  return !(value instanceof Promise);
}

function skipUnreadable(thrown: unknown): undefined {
  if (!(thrown instanceof TransformError)) throw thrown;
}

/** Whoever wants to know what it was is told that nobody can say. */
function unreadable({ key, createRevision, modRevision, version }: KeyValue): KeyValue {
  return {
    key,
    createRevision,
    modRevision,
    version,
    get value(): Buffer {
      throw new TransformError(key, new Error("it was deleted without having been read"));
    },
  };
}
