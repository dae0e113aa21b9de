const milliseconds = 4;
/** So many of those that wait go on in one turn. */
const perTurn = 8;

/**
 * Lets the event loop have its turn: work that goes on by promises alone (in-process requests, reconcilers) would keep
 * sockets waiting for as long as it lasts (DESIGN, decision 5).
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #endsAt: number | undefined;

  /** Undefined as long as this turn of the loop may go on; else what to wait for. First come, first served. */
  next(): Promise<void> | undefined {
    const now = performance.now();
    if (this.#endsAt === undefined) {
      this.#endsAt = now + milliseconds;
      setImmediate(() => this.#begin());
    }
    if (now < this.#endsAt && this.#waiting.length === 0) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #begin(): void {
    this.#endsAt = undefined;
    if (this.#waiting.length === 0) return;
    this.#endsAt = performance.now() + milliseconds;
    setImmediate(() => this.#begin());
    for (const go of this.#waiting.splice(0, perTurn)) go();
  }
}
