/**
 * The time during which somebody has watched, in milliseconds. When the clock is set, or the machine has slept, nodes
 * have not been silent for that long: nobody listened.
 */
export class ObservedTime {
  readonly #most: number;
  #observed = 0;
  #last: number | undefined;

  /** From one look to the next no more time than this counts. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The time observed until now, by a clock that may jump. */
  look(now: number): number {
    const passed = now - (this.#last ?? now);
    this.#last = now;
    this.#observed += Math.min(Math.max(passed, 0), this.#most);
    return this.#observed;
  }
}
