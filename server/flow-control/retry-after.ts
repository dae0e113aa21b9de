const mostSeconds = 32;

/**
 * After how many seconds a refused client should come again: doubles while a level goes on refusing, and shrinks again
 * by one when it hardly does, as TCP does with its window.
 */
export class RetryAfter {
  #seconds = 1;
  #raisedAt = -Infinity;
  /** Refusals by second, the newest last; no more than are looked at. */
  #history: { readonly second: number; count: number }[] = [];

  get seconds(): number {
    return this.#seconds;
  }

  /** `now` in milliseconds. */
  refused(now: number): void {
    const second = Math.floor(now / 1000);
    const newest = this.#history.at(-1);
    if (newest?.second === second) {
      newest.count += 1;
      return;
    }
    this.#adjust(second);
    this.#history = [...this.#history.filter((one) => second - one.second <= mostSeconds), { second, count: 1 }];
  }

  #adjust(second: number): void {
    const seconds = this.#seconds;
    const recent = this.#history
      .filter((one) => second - one.second <= seconds)
      .reduce((sum, { count }) => sum + count, 0);
    if (second - this.#raisedAt >= seconds && recent >= 3 * seconds) {
      this.#seconds = Math.min(mostSeconds, 2 * seconds);
      this.#raisedAt = second;
    } else if (recent < seconds && seconds > 1) {
      this.#seconds -= 1;
    }
  }
}
