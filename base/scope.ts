/** Owns what was started, and stops it in reverse order: AsyncDisposableStack, which Node 20 lacks. */
export class Scope implements AsyncDisposable {
  #stops: (() => PromiseLike<void> | void)[] = [];

  use<T extends AsyncDisposable>(owned: T): T {
    this.defer(() => owned[Symbol.asyncDispose]());
    return owned;
  }

  defer(stop: () => PromiseLike<void> | void): void {
    this.#stops.push(stop);
  }

  /** Hands everything over to a new scope; this one stops nothing any more. */
  move(): Scope {
    const moved = new Scope();
    moved.#stops = this.#stops;
    this.#stops = [];
    return moved;
  }

  /** Every stop is tried; the first failure is thrown at the end. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (let stop = this.#stops.pop(); stop !== undefined; stop = this.#stops.pop()) {
      try {
        await stop();
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
