import type { Clock } from "./clock.ts";

/** Does work again and again, each time so long after it was last done; a failure is told and ends nothing. Returns what stops it. */
export function repeat(
  milliseconds: number,
  work: () => Promise<void>,
  { clock, failed }: { readonly clock: Clock; readonly failed: (thrown: unknown) => void },
): () => Promise<void> {
  let cancel = (): void => {};
  let running = Promise.resolve();
  let stopped = false;
  const later = (): void => {
    if (stopped) return;
    cancel = clock.after(milliseconds, () => {
      running = work().catch(failed).finally(later);
    });
  };
  later();
  return async () => {
    stopped = true;
    cancel();
    await running;
  };
}
