import type { Clock } from "../base/clock.ts";

/** Resolves after so many milliseconds, or as soon as the signal is aborted. */
export function pause(
  milliseconds: number,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const cancel = clock.after(milliseconds, finish);
    signal.addEventListener("abort", finish, { once: true });
  });
}
