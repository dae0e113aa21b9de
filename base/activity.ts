/** Where work that nobody waits for makes itself known, so that tests and simulated time can wait until all is done. */
export interface Activity {
  /** The returned function ends it; once. */
  begin(): () => void;
  /** Work that is under way waits for time to pass, and must not keep it from passing. The returned function takes it up again; once. */
  rest(): () => void;
}

/** Counts the work under way. */
export class ActivityGauge implements Activity {
  #running = 0;
  #begun = 0;
  #waiting: (() => void)[] = [];

  get running(): number {
    return this.#running;
  }

  begin(): () => void {
    this.#add();
    return once(() => this.#take());
  }

  rest(): () => void {
    this.#take();
    return once(() => this.#add());
  }

  /** Resolves when nothing is under way, and nothing new has come of what was. */
  async idle(): Promise<void> {
    for (let quiet = 0; quiet < 2;) {
      if (this.#running > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      const before = this.#begun;
      await new Promise<void>((resolve) => setImmediate(resolve));
      quiet = this.#running <= 0 && this.#begun === before ? quiet + 1 : 0;
    }
  }

  #add(): void {
    this.#running += 1;
    this.#begun += 1;
  }

  #take(): void {
    this.#running -= 1;
    if (this.#running > 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function once(call: () => void): () => void {
  let isCalled = false;
  return () => {
    if (isCalled) return;
    isCalled = true;
    call();
  };
}

const nothing = (): void => {};
/** For those that nobody waits for. */
export const unwatched: Activity = { begin: () => nothing, rest: () => nothing };
