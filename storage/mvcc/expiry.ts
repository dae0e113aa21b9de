import type { Clock } from "../../base/clock.ts";
import { MismatchError, type Revision } from "../store.ts";
import type { StoredVersion } from "./version.ts";

interface Due {
  readonly at: number;
  readonly key: string;
  readonly mod: Revision;
}

interface Parts {
  readonly clock: Clock;
  /** Deletes the key if it was last changed at this revision. */
  readonly remove: (key: string, mod: Revision) => Promise<unknown>;
}

const perTick = 500;
const retryMs = 1000;
/** Timers of Node.js overflow beyond 24 days. */
const longestWaitMs = 3_600_000;

/** Deletes keys whose time to live is over, a bounded number at a time. */
export class Expiry {
  readonly #parts: Parts;
  /** The revision at which each key with a time to live was last changed. */
  readonly #current = new Map<string, Due>();
  /** A binary heap, soonest first. Holds outdated entries as well, which are skipped when their time comes. */
  #heap: Due[] = [];
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;
  #stopped = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A version became visible. */
  note({ key, mod, expiresAt }: StoredVersion): void {
    if (expiresAt === 0) {
      this.#current.delete(key);
      return;
    }
    const due = { at: expiresAt, key, mod };
    this.#current.set(key, due);
    this.#schedule(due);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #schedule(due: Due): void {
    if (this.#heap.length > 2 * this.#current.size + perTick) {
      this.#heap = [...this.#current.values()].sort((left, right) => left.at - right.at);
      if (this.#current.get(due.key) === due) return this.#arm();
    }
    siftUp(this.#heap, due);
    this.#arm();
  }

  #arm(): void {
    const soonest = this.#heap[0];
    if (soonest === undefined || this.#stopped) return;
    if (this.#timer !== undefined && this.#timer.at <= soonest.at) return;
    this.#timer?.cancel();
    const wait = Math.min(Math.max(soonest.at - this.#parts.clock.now(), 0), longestWaitMs);
    this.#timer = { at: soonest.at, cancel: this.#parts.clock.after(wait, () => this.#tick()) };
  }

  #tick(): void {
    this.#timer = undefined;
    const now = this.#parts.clock.now();
    for (let count = 0; count < perTick; count++) {
      const soonest = this.#heap[0];
      if (soonest === undefined || soonest.at > now) break;
      takeFirst(this.#heap);
      if (this.#current.get(soonest.key)?.mod === soonest.mod) this.#remove(soonest);
    }
    this.#arm();
  }

  #remove(due: Due): void {
    this.#parts.remove(due.key, due.mod).catch((why: unknown) => {
      // Changed or deleted meanwhile: what became of it has been noted. Anything else (a full disk) passes.
      if (why instanceof MismatchError || this.#stopped) return;
      this.#schedule({ ...due, at: this.#parts.clock.now() + retryMs });
    });
  }
}

function siftUp(heap: Due[], due: Due): void {
  let at = heap.length;
  heap.push(due);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || above.at <= due.at) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = due;
}

function takeFirst(heap: Due[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const left = heap[2 * at + 1];
    const right = heap[2 * at + 2];
    if (left === undefined) break;
    const lesser = right !== undefined && right.at < left.at ? right : left;
    if (lesser.at >= last.at) break;
    heap[at] = lesser;
    at = lesser === left ? 2 * at + 1 : 2 * at + 2;
  }
  heap[at] = last;
}
