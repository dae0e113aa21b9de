const milliseconds = 4;

/**
 * Lets the event loop have its turn: work that goes on by promises alone (in-process requests, reconcilers) would keep
 * sockets waiting for as long as it lasts (DESIGN, decision 5).
 */
export class Turns {
  #endsAt: number | undefined;

  /** Undefined as long as this turn of the loop may go on; else what to wait for. */
  next(): Promise<void> | undefined {
    const now = performance.now();
    if (this.#endsAt === undefined) {
      this.#endsAt = now + milliseconds;
      setImmediate(() => (this.#endsAt = undefined));
      return undefined;
    }
    if (now < this.#endsAt) return undefined;
    return new Promise((resolve) => setImmediate(resolve));
  }
}
