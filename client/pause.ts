import type { Clock } from "../base/clock.ts";

export interface PauseDeps {
  readonly clock: Clock;
  /** Aborted, it is over. */
  readonly signal: AbortSignal;
  /** Is handed what ends it early. */
  readonly onBegin?: (wake: () => void) => void;
}

/** Resolves after so many milliseconds, or earlier: when the signal is aborted, or when somebody wakes it. */
export function pause(milliseconds: number, { clock, signal, onBegin }: PauseDeps): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const cancel = clock.after(milliseconds, finish);
    signal.addEventListener("abort", finish, { once: true });
    onBegin?.(finish);
  });
}
