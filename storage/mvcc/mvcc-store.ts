import { realClock, type Clock } from "../../base/clock.ts";
import { defaultQueueLimits, defaultRetention, type StoreOptions } from "../options.ts";
import {
  FutureRevisionError,
  UnwritableError,
  type KeyValue,
  type ListOptions,
  type Page,
  type Precondition,
  type Revision,
  type Store,
  type WatchBatch,
  type WatchOptions,
} from "../store.ts";
import { Committed } from "./committed.ts";
import { Committer } from "./committer.ts";
import type { Engine } from "./engine.ts";
import { Expiry } from "./expiry.ts";
import { load } from "./load.ts";
import { Reads } from "./reads.ts";
import { RetentionWindow } from "./retention.ts";
import { Sweeper } from "./sweeper.ts";
import { WatchHub } from "./watch-hub.ts";

/** The store over any engine. */
export async function openMvcc(engine: Engine, options: StoreOptions): Promise<Store> {
  try {
    const loaded = await load(engine);
    const committed = new Committed(loaded);
    const store = new MvccStore(engine, committed, options);
    for (const version of loaded.newest) if (version.expiresAt > 0) store.expiry.note(version);
    return store;
  } catch (thrown) {
    await engine.close();
    throw thrown;
  }
}

class MvccStore implements Store {
  readonly expiry: Expiry;
  readonly #engine: Engine;
  readonly #committed: Committed;
  readonly #reads: Reads;
  readonly #hub: WatchHub;
  readonly #sweeper: Sweeper;
  readonly #committer: Committer;
  readonly #retention: RetentionWindow;
  readonly #clock: Clock;
  #closing: Promise<void> | undefined;

  constructor(engine: Engine, committed: Committed, options: StoreOptions) {
    this.#engine = engine;
    this.#committed = committed;
    this.#clock = options.clock ?? realClock;
    this.#reads = new Reads(committed, engine);
    this.#hub = new WatchHub(committed, this.#reads);
    this.#sweeper = new Sweeper(committed);
    this.expiry = new Expiry({ clock: this.#clock, remove: (key, mod) => this.delete(key, { expect: mod }) });
    this.#retention = new RetentionWindow({
      clock: options.retentionClock ?? realClock,
      retention: { ...defaultRetention, ...options.retention },
      revision: () => committed.revision,
      compact: (revision) => {
        this.#compactTo(revision);
        this.#committer.kick();
      },
    });
    this.#committer = new Committer({
      engine,
      committed,
      reads: this.#reads,
      sweeper: this.#sweeper,
      hub: this.#hub,
      limits: { ...defaultQueueLimits, ...options.queue },
      onVisible: (version) => {
        this.expiry.note(version);
        this.#retention.bound();
      },
    });
    committed.whenUnpinned = () => this.#committer.kick();
  }

  get compacted(): Revision {
    return this.#committed.compacted;
  }

  revision(): Revision {
    return this.#committed.revision;
  }

  async get(key: string, options?: { readonly revision?: Revision }): Promise<KeyValue | undefined> {
    this.#requireOpen();
    return await this.#reads.get(key, options?.revision);
  }

  async list(prefix: string, options: ListOptions = {}): Promise<Page> {
    this.#requireOpen();
    return await this.#reads.list(prefix, options);
  }

  async put(
    key: string,
    value: Buffer,
    options: { readonly expect: Precondition; readonly ttlSeconds?: number },
  ): Promise<KeyValue> {
    const expiresAt = options.ttlSeconds === undefined ? 0 : Math.ceil(this.#clock.now() + options.ttlSeconds * 1000);
    const event = await this.#committer.submit({ key, value, expect: options.expect, expiresAt });
    if (event.type !== "put") throw new TypeError("a put yields a put");
    return event.current;
  }

  async delete(
    key: string,
    options: { readonly expect: Exclude<Precondition, "absent"> },
  ): Promise<{ previous: KeyValue; revision: Revision }> {
    const event = await this.#committer.submit({ key, value: undefined, expect: options.expect, expiresAt: 0 });
    if (event.type !== "delete" || event.previous === undefined)
      throw new TypeError("a deletion yields what was deleted");
    return { previous: event.previous, revision: event.revision };
  }

  watch(prefix: string, options: WatchOptions): AsyncIterable<WatchBatch> {
    return this.#hub.watch(prefix, options);
  }

  subscribe(
    prefix: string,
    onBatch: (batch: WatchBatch) => void,
  ): { readonly revision: Revision; unsubscribe(): void } {
    return this.#hub.subscribe(prefix, onBatch);
  }

  async compact(revision: Revision): Promise<void> {
    this.#requireOpen();
    if (revision > this.#committed.revision) throw new FutureRevisionError(revision, this.#committed.revision);
    this.#compactTo(revision);
    this.#committer.kick();
    await this.#sweeper.swept(revision);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  /** At once for readers; the bytes go with the next commits. */
  #compactTo(revision: Revision): void {
    this.#committed.compacted = Math.max(this.#committed.compacted, revision);
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw new UnwritableError("the store is closed");
  }

  async #close(): Promise<void> {
    this.expiry.stop();
    this.#retention.stop();
    await this.#committer.close();
    this.#sweeper.failed(new UnwritableError("the store is closed"));
    this.#hub.close();
    await this.#engine.close();
  }
}
