import type { CacheEvent } from "./cache-event.ts";

const ageMilliseconds = 75_000;
const maxBytes = 32 * 1024 * 1024;

/** The recent changes of one resource: kept for at least 75 s, within a bound of bytes (DESIGN, decision 6). */
export class Window {
  #events: CacheEvent[] = [];
  #times: number[] = [];
  #first = 0;
  #bytes = 0;
  /** Every change after this revision is in the window. */
  #from: number;

  constructor(from: number) {
    this.#from = from;
  }

  get from(): number {
    return this.#from;
  }

  add(event: CacheEvent, now: number): void {
    this.#events.push(event);
    this.#times.push(now);
    this.#bytes += event.size;
    while (this.#first < this.#events.length - 1 && this.#isOverdue(now)) this.#dropOldest();
    if (this.#first > 1024 && this.#first * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#first);
      this.#times = this.#times.slice(this.#first);
      this.#first = 0;
    }
  }

  /** The changes after `revision`; undefined when the window no longer reaches back that far. */
  after(revision: number): readonly CacheEvent[] | undefined {
    if (revision < this.#from) return undefined;
    let low = this.#first;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low);
  }

  #isOverdue(now: number): boolean {
    return this.#bytes > maxBytes || now - (this.#times[this.#first] ?? now) > ageMilliseconds;
  }

  #dropOldest(): void {
    const oldest = this.#events[this.#first];
    if (oldest === undefined) return;
    this.#from = oldest.revision;
    this.#bytes -= oldest.size;
    this.#first += 1;
  }
}
