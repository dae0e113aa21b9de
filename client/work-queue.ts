import { type Activity, unwatched } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";

export interface WorkQueueDeps {
  readonly clock: Clock;
  readonly activity?: Activity;
  /** Milliseconds before the first repetition of a failed key, doubled with each further one up to the most. */
  readonly backoff?: { readonly first: number; readonly most: number };
}

/** As client-go's controllers wait. */
const defaultBackoff = { first: 5, most: 1_000_000 };

interface Delayed {
  readonly at: number;
  readonly cancel: () => void;
}

/**
 * Keys that wait for their turn, first come first served. A key waits once, however often it is added; one that is added
 * while it is worked on waits until that is done. So its bound is the number of objects.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #activity: Activity;
  readonly #backoff: { readonly first: number; readonly most: number };
  /** A Set keeps the order of entry. */
  readonly #waiting = new Set<string>();
  readonly #processing = new Set<string>();
  /** Added again while they were worked on. */
  readonly #again = new Set<string>();
  readonly #delayed = new Map<string, Delayed>();
  readonly #failures = new Map<string, number>();
  #atRest: (() => void) | undefined;
  #onReady: (() => void) | undefined;
  #isClosed = false;

  constructor({ clock, activity = unwatched, backoff = defaultBackoff }: WorkQueueDeps) {
    this.#clock = clock;
    this.#activity = activity;
    this.#backoff = backoff;
  }

  /** Keys that wait for a turn now; delayed ones do not count. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Called whenever a key has come. */
  onReady(call: () => void): void {
    this.#onReady = call;
  }

  add(key: string): void {
    if (this.#isClosed) return;
    if (this.#processing.has(key)) {
      this.#again.add(key);
      return;
    }
    this.#waiting.add(key);
    this.#atRest ??= this.#activity.begin();
    this.#onReady?.();
  }

  /** A key that is delayed already comes at the earlier of the two times. */
  addAfter(key: string, milliseconds: number): void {
    if (this.#isClosed) return;
    if (milliseconds <= 0) {
      this.add(key);
      return;
    }
    const at = this.#clock.now() + milliseconds;
    const before = this.#delayed.get(key);
    if (before !== undefined && before.at <= at) return;
    before?.cancel();
    const cancel = this.#clock.after(milliseconds, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { at, cancel });
  }

  /** Later, the more often it has failed the later. */
  retry(key: string): void {
    const failures = this.retries(key);
    this.#failures.set(key, failures + 1);
    this.addAfter(key, Math.min(this.#backoff.first * 2 ** failures, this.#backoff.most));
  }

  /** It went well: the next failure is a first one. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** How often it has failed in a row. */
  retries(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, which nobody else gets until it is `done`. */
  take(): string | undefined {
    for (const key of this.#waiting) {
      this.#waiting.delete(key);
      this.#processing.add(key);
      return key;
    }
    return undefined;
  }

  done(key: string): void {
    this.#processing.delete(key);
    if (this.#again.delete(key)) this.add(key);
    if (this.#waiting.size > 0 || this.#processing.size > 0) return;
    this.#atRest?.();
    this.#atRest = undefined;
  }

  /** Takes no more keys and forgets those that wait. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.clear();
    this.#again.clear();
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    if (this.#processing.size > 0) return;
    this.#atRest?.();
    this.#atRest = undefined;
  }
}
