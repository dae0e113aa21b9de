import { evictionRate } from "./zones.ts";

/** The nodes of a zone that wait for their taint, first come first served, at so many per second. */
export class TaintingPace {
  readonly waiting: Set<string> = new Set();
  #rate = evictionRate;
  /** Milliseconds since the epoch. */
  #next = -Infinity;

  /** These wait from now on, and only these; who has waited before keeps its place. */
  keepWaiting(names: readonly string[]): void {
    const wanted = new Set(names);
    for (const name of this.waiting) if (!wanted.has(name)) this.waiting.delete(name);
    for (const name of names) this.waiting.add(name);
  }

  /** Milliseconds until the next one may be tainted; Infinity while the rate is 0. */
  wait(now: number): number {
    if (this.#rate === 0) return Infinity;
    // A clock that was set back must not keep nodes waiting for longer than one turn.
    return Math.min(Math.max(this.#next - now, 0), this.#interval());
  }

  /** One was tainted. */
  spend(now: number): void {
    this.#next = now + this.#interval();
  }

  /** Who would have had to wait, waits for a turn of the new rate. */
  setRate(rate: number, now: number): void {
    if (rate === this.#rate) return;
    const hadToWait = this.wait(now) > 0;
    this.#rate = rate;
    this.#next = hadToWait && rate > 0 ? now + this.#interval() : -Infinity;
  }

  #interval(): number {
    return 1000 / this.#rate;
  }
}
