import type { Activity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";

/** What an informer has still not seen by then was not seen for want of a connection. */
const longestMs = 30_000;

interface Wait {
  readonly endsAt: number;
  readonly resolve: () => void;
  /** While the informer pauses, who waits for it waits for time to pass. */
  takeUp: (() => void) | undefined;
}

interface RevisionWait extends Wait {
  readonly revision: number;
}

interface ConditionWait extends Wait {
  readonly isOver: () => boolean;
}

export interface SeenWaitsDeps {
  readonly clock: Clock;
  readonly activity?: Activity;
  /** Nobody waits any longer. */
  readonly signal: AbortSignal;
}

/** Those who wait until a cache has seen what they wrote: thousands at once, and none of them for ever. */
export class SeenWaits {
  readonly #deps: SeenWaitsDeps;
  /** The lowest first. */
  readonly #revisions: RevisionWait[] = [];
  readonly #conditions = new Set<ConditionWait>();
  #isResting = false;
  /** One for all. */
  #cancelTimer: (() => void) | undefined;

  constructor(deps: SeenWaitsDeps) {
    this.#deps = deps;
    deps.signal.addEventListener("abort", () => this.#end(() => true), { once: true });
  }

  forRevision(revision: number): Promise<void> {
    return this.#begin((wait) => {
      let place = this.#revisions.length;
      // Answers mostly come in the order of the writes.
      while (place > 0 && (this.#revisions[place - 1]?.revision ?? 0) > revision) place -= 1;
      this.#revisions.splice(place, 0, Object.assign(wait, { revision }));
    });
  }

  until(isOver: () => boolean): Promise<void> {
    return this.#begin((wait) => this.#conditions.add(Object.assign(wait, { isOver })));
  }

  /** The cache is as of this revision now. */
  release(revision: number): void {
    if (this.#cancelTimer === undefined) return;
    const first = this.#revisions.findIndex((wait) => wait.revision > revision);
    for (const wait of this.#revisions.splice(0, first < 0 ? this.#revisions.length : first)) finish(wait);
    for (const wait of this.#conditions) if (wait.isOver() && this.#conditions.delete(wait)) finish(wait);
    this.#stopTimerIfIdle();
  }

  rest(): void {
    this.#isResting = true;
    for (const wait of this.#all()) this.#restOne(wait);
  }

  goOn(): void {
    this.#isResting = false;
    for (const wait of this.#all()) takeUp(wait);
  }

  *#all(): Iterable<Wait> {
    yield* this.#revisions;
    yield* this.#conditions;
  }

  #begin(enter: (wait: Wait) => void): Promise<void> {
    const { clock, signal } = this.#deps;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wait: Wait = { endsAt: clock.now() + longestMs, resolve, takeUp: undefined };
      enter(wait);
      if (this.#isResting) this.#restOne(wait);
      this.#cancelTimer ??= clock.after(longestMs, () => this.#endLongest());
    });
  }

  #restOne(wait: Wait): void {
    wait.takeUp ??= this.#deps.activity?.rest();
  }

  #endLongest(): void {
    const { clock } = this.#deps;
    const now = clock.now();
    this.#cancelTimer = undefined;
    this.#end(({ endsAt }) => endsAt <= now);
    let next = Infinity;
    for (const { endsAt } of this.#all()) next = Math.min(next, endsAt);
    if (next !== Infinity) this.#cancelTimer = clock.after(next - now, () => this.#endLongest());
  }

  #end(isToEnd: (wait: Wait) => boolean): void {
    const ended = [...this.#all()].filter(isToEnd);
    const left = this.#revisions.filter((wait) => !isToEnd(wait));
    this.#revisions.splice(0, this.#revisions.length, ...left);
    for (const wait of this.#conditions) if (isToEnd(wait)) this.#conditions.delete(wait);
    for (const wait of ended) finish(wait);
    this.#stopTimerIfIdle();
  }

  #stopTimerIfIdle(): void {
    if (this.#revisions.length + this.#conditions.size > 0) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}

function finish(wait: Wait): void {
  takeUp(wait);
  wait.resolve();
}

function takeUp(wait: Wait): void {
  wait.takeUp?.();
  wait.takeUp = undefined;
}
