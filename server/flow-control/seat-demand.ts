/** How many seats a level wanted over a period. */
export interface Demand {
  readonly average: number;
  readonly deviation: number;
  readonly highest: number;
  /** Follows rises at once and falls slowly. */
  readonly smoothed: number;
}

/** With a period of ten seconds, half of what was is forgotten in five minutes. */
const smoothing = 0.977;

/** Integrates the seats that are wanted over time. */
export class SeatDemand {
  #value = 0;
  #since: number;
  #elapsed = 0;
  #sum = 0;
  #squares = 0;
  #highest = 0;
  #smoothed = 0;
  last: Demand = { average: 0, deviation: 0, highest: 0, smoothed: 0 };

  constructor(now: number) {
    this.#since = now;
  }

  set(value: number, now: number): void {
    this.#integrate(now);
    this.#value = value;
    if (value > this.#highest) this.#highest = value;
  }

  /** Ends a period and begins the next. */
  take(now: number): Demand {
    this.#integrate(now);
    const average = this.#elapsed === 0 ? this.#value : this.#sum / this.#elapsed;
    const meanSquare = this.#elapsed === 0 ? this.#value ** 2 : this.#squares / this.#elapsed;
    const deviation = Math.sqrt(Math.max(0, meanSquare - average ** 2));
    const envelope = average + deviation;
    this.#smoothed = Math.max(envelope, smoothing * this.#smoothed + (1 - smoothing) * envelope);
    this.last = { average, deviation, highest: this.#highest, smoothed: this.#smoothed };
    this.#elapsed = 0;
    this.#sum = 0;
    this.#squares = 0;
    this.#highest = this.#value;
    return this.last;
  }

  #integrate(now: number): void {
    const passed = Math.max(0, now - this.#since);
    this.#since = now;
    this.#elapsed += passed;
    this.#sum += passed * this.#value;
    this.#squares += passed * this.#value ** 2;
  }
}
