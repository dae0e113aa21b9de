import type { Clock } from "../../../base/clock.ts";

/** Does it again after so many milliseconds as it answers itself. Returns what stops it. */
export function repeatedly(firstMs: number, work: () => Promise<number>, timers: Clock): () => void {
  let isOver = false;
  let cancel = (): void => undefined;
  const wait = (milliseconds: number): void => {
    if (isOver) return;
    cancel = timers.after(milliseconds, () => void work().then(wait));
  };
  wait(firstMs);
  return () => {
    isOver = true;
    cancel();
  };
}
