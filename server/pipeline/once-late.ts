import type { Clock } from "../../base/clock.ts";

/** Milliseconds. Nearly every request is answered before, and needs no timer of its own. */
const soon = 100;

interface Wait {
  readonly end: number;
  /** Undefined when it is over. */
  late: (() => void) | undefined;
  cancel: (() => void) | undefined;
}

/** Those that began lately: one timer for all of them sees who is still there. */
const lately = new WeakMap<Clock, Wait[]>();

/** Calls `late` when the clock is at `end`; the returned function cancels. Costs nearly nothing where that is done soon. */
export function onceLate(end: number, clock: Clock, late: () => void): () => void {
  const wait: Wait = { end, late, cancel: undefined };
  if (end - clock.now() <= soon) setTimer(wait, clock);
  else lookSoon(wait, clock);
  return () => {
    wait.late = undefined;
    wait.cancel?.();
  };
}

function lookSoon(wait: Wait, clock: Clock): void {
  const known = lately.get(clock);
  if (known !== undefined) {
    known.push(wait);
    return;
  }
  const waits = [wait];
  lately.set(clock, waits);
  clock.after(soon, () => {
    lately.delete(clock);
    for (const one of waits) setTimer(one, clock);
  });
}

function setTimer(wait: Wait, clock: Clock): void {
  if (wait.late !== undefined) wait.cancel = clock.after(wait.end - clock.now(), wait.late);
}
