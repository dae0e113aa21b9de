import type { Clock } from "./clock.ts";

interface Timer {
  readonly at: number;
  /** Timers of one instant fire in the order in which they were set. */
  readonly order: number;
  readonly call: () => void;
  isCancelled: boolean;
}

/** A clock that stands still until it is told how far to go, and goes on only when everybody has done what was to do. */
export class SimulatedClock implements Clock {
  readonly #settled: () => Promise<void>;
  readonly #timers: Timer[] = [];
  #now: number;
  #order = 0;

  /** `settled` resolves when nothing is under way; time waits for it before each step. */
  constructor(start: number, settled: () => Promise<void>) {
    this.#now = start;
    this.#settled = settled;
  }

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, call: () => void): () => void {
    const timer = { at: this.#now + Math.max(milliseconds, 0), order: this.#order, call, isCancelled: false };
    this.#order += 1;
    this.#push(timer);
    return () => {
      timer.isCancelled = true;
    };
  }

  /** Lets so much time pass; resolves when all that it brought about is done. */
  async advance(milliseconds: number): Promise<void> {
    await this.until(() => false, milliseconds);
  }

  /**
   * Lets time pass until something holds, at most so long; resolves to whether it does. Asked between two steps, when
   * everything is at rest.
   */
  async until(holds: () => boolean | Promise<boolean>, milliseconds: number): Promise<boolean> {
    const end = this.#now + milliseconds;
    for (;;) {
      await this.#settled();
      if (await holds()) return true;
      const next = this.#next();
      if (next === undefined || next.at > end) break;
      this.#now = Math.max(this.#now, next.at);
      this.#fire();
    }
    this.#now = end;
    return false;
  }

  /** The clock of a machine that was set, or slept: no timer fires in between, those that are due fire with the next step. */
  jump(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /** All that is due at this instant. */
  #fire(): void {
    const due: Timer[] = [];
    for (let next = this.#next(); next !== undefined && next.at <= this.#now; next = this.#next()) {
      this.#pop();
      due.push(next);
    }
    for (const timer of due) if (!timer.isCancelled) timer.call();
  }

  #next(): Timer | undefined {
    while (this.#timers[0]?.isCancelled === true) this.#pop();
    return this.#timers[0];
  }

  #push(timer: Timer): void {
    const heap = this.#timers;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(timer, heap[parent])) break;
      heap[at] = heap[parent] as Timer;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#timers;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (isBefore(heap[child + 1], heap[child])) child += 1;
      if (!isBefore(heap[child], last)) break;
      heap[at] = heap[child] as Timer;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(left: Timer | undefined, right: Timer | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}
