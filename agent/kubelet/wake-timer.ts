import type { Clock } from "../../base/clock.ts";

/** When somebody is to be woken next: one timer at most, and none where there is nothing to wait for. */
export class WakeTimer {
  readonly #clock: Clock;
  readonly #wake: () => void;
  #at = Infinity;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Begins anew: what is to be waited for is said again. */
  reset(): void {
    this.#at = Infinity;
  }

  by(at: number): void {
    this.#at = Math.min(this.#at, at);
  }

  set(): void {
    this.cancel();
    if (this.#at !== Infinity) this.#cancel = this.#clock.after(Math.max(this.#at - this.#clock.now(), 1), this.#wake);
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
