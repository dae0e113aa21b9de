const milliseconds = 4;
/** So many of those that wait go on in one turn. */
const perTurn = 8;
/** So many things one may do who waited alone in its lane: the scheduler, for one, has no others to wait for. */
const perWait = 4;

/**
 * Lets the event loop have its turn: work that goes on by promises alone (in-process requests, reconcilers) would keep
 * sockets waiting for as long as it lasts (DESIGN, decision 5).
 */
export class Turns {
  /** By lane; the first lane is the next to have its turn. */
  readonly #waiting = new Map<string, (() => void)[]>();
  /** What is left to do in this turn for those who waited alone. */
  readonly #left = new Map<string, number>();
  #endsAt: number | undefined;

  /**
   * Undefined as long as this turn of the loop may go on; else what to wait for. Within a lane it is first come, first
   * served; lanes go one after the other, so that who has thousands of things to do keeps nobody else waiting.
   */
  next(lane: string): Promise<void> | undefined {
    const now = performance.now();
    if (this.#endsAt === undefined) {
      this.#endsAt = now + milliseconds;
      setImmediate(() => this.#begin());
    }
    if ((now < this.#endsAt && this.#waiting.size === 0) || this.#take(lane)) return undefined;
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(lane);
      if (waiting === undefined) this.#waiting.set(lane, [resolve]);
      else waiting.push(resolve);
    });
  }

  #begin(): void {
    this.#endsAt = undefined;
    this.#left.clear();
    if (this.#waiting.size === 0) return;
    this.#endsAt = performance.now() + milliseconds;
    setImmediate(() => this.#begin());
    for (let given = 0; given < perTurn; given += 1) this.#give();
  }

  #take(lane: string): boolean {
    const left = this.#left.get(lane) ?? 0;
    if (left === 0) return false;
    this.#left.set(lane, left - 1);
    return true;
  }

  /** The lane that had its turn is the last from now on. */
  #give(): void {
    for (const [lane, waiting] of this.#waiting) {
      this.#waiting.delete(lane);
      const go = waiting.shift();
      if (waiting.length > 0) this.#waiting.set(lane, waiting);
      else this.#left.set(lane, perWait - 1);
      go?.();
      return;
    }
  }
}
