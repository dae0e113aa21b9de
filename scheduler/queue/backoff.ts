/**
 * How long a pod that failed waits before it is tried again: doubling from the first to the most. Times are cut to
 * whole seconds, so that all pods of one second come in the order of the active queue.
 */
import type { WaitingPod } from "./waiting-pod.ts";

export interface BackoffTimes {
  /** Milliseconds. */
  readonly first: number;
  /** Milliseconds; 0: none waits at all. */
  readonly most: number;
}

const windowMs = 1_000;

function windowOf(time: number): number {
  return Math.floor(time / windowMs) * windowMs;
}

/** The window in which its time ends; 0 for one that does not have to wait. */
export function backoffWindow({ timestamp, errors, rejections }: WaitingPod, { first, most }: BackoffTimes): number {
  const count = errors > 0 ? errors : rejections;
  if (most === 0 || count === 0) return 0;
  return windowOf(timestamp + Math.min(first * 2 ** (count - 1), most));
}

/** Up to the end of the window. */
export function isBackingOff(pod: WaitingPod, times: BackoffTimes, now: number): boolean {
  return backoffWindow(pod, times) >= windowOf(now);
}

export function backoffEnd(pod: WaitingPod, times: BackoffTimes): number {
  return backoffWindow(pod, times) + windowMs;
}
