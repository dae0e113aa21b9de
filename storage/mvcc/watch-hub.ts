import type { Revision, StoreEvent, WatchBatch, WatchOptions } from "../store.ts";
import type { Reads } from "./reads.ts";
import type { Committed } from "./committed.ts";

const noEvents: readonly StoreEvent[] = [];

interface Subscriber {
  readonly prefix: string;
  readonly onBatch: (batch: WatchBatch) => void;
}

/** Tells of what became visible: subscribers at once, watchers when they ask for more. */
export class WatchHub {
  readonly #committed: Committed;
  readonly #reads: Reads;
  readonly #subscribers = new Set<Subscriber>();
  readonly #waiting = new Set<() => void>();
  #closed = false;

  constructor(committed: Committed, reads: Reads) {
    this.#committed = committed;
    this.#reads = reads;
  }

  subscribe(prefix: string, onBatch: (batch: WatchBatch) => void): { revision: Revision; unsubscribe(): void } {
    const subscriber = { prefix, onBatch };
    this.#subscribers.add(subscriber);
    return { revision: this.#committed.revision, unsubscribe: () => void this.#subscribers.delete(subscriber) };
  }

  publish(events: readonly StoreEvent[], revision: Revision): void {
    const nothing: WatchBatch = { events: noEvents, revision };
    for (const { prefix, onBatch } of this.#subscribers) {
      const matching = events.filter((event) => keyOf(event).startsWith(prefix));
      try {
        onBatch(matching.length === 0 ? nothing : { events: matching, revision });
      } catch (thrown) {
        // The write is done and the others must hear of it; the subscriber's fault surfaces as an uncaught exception.
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
    this.#wake();
  }

  /**
   * Nothing is queued for a watcher: it reads on from history at its own pace, where recent events still lie in memory.
   * One that is so slow that history is compacted away under it gets a CompactedError.
   */
  async *watch(prefix: string, { from, signal }: WatchOptions): AsyncGenerator<WatchBatch, void, void> {
    let next = Math.max(from, this.#committed.compacted === 0 ? 1 : 0);
    while (!signal.aborted && !this.#closed) {
      if (next > this.#committed.revision) {
        await this.#change(signal);
        continue;
      }
      const batch = await this.#reads.events(prefix, next);
      if (signal.aborted) return;
      yield batch;
      next = batch.revision + 1;
    }
  }

  /** Ends all watches. */
  close(): void {
    this.#closed = true;
    this.#subscribers.clear();
    this.#wake();
  }

  async #change(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener("abort", done);
    });
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done();
  }
}

function keyOf(event: StoreEvent): string {
  return event.type === "put" ? event.current.key : event.key;
}
