/** How long a failing container, or a failing pull, must wait before the next try. */
export interface BackOff {
  readonly ms: number;
  /** When it was last made longer. */
  readonly since: number;
}

const first = 10_000;
const most = 300_000;

/** Undefined when it may be tried at once. `endedAt`: when the last try ended. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy */
export function heldUntil(backOff: BackOff | undefined, endedAt: number): number | undefined {
  if (backOff === undefined || isForgiven(backOff, endedAt)) return undefined;
  return endedAt + backOff.ms;
}

/** The wait that stands after one more try. */
export function longer(backOff: BackOff | undefined, endedAt: number, now: number): BackOff {
  if (backOff === undefined || isForgiven(backOff, endedAt)) return { ms: first, since: now };
  return { ms: Math.min(backOff.ms * 2, most), since: now };
}

/** It ran well for so long that what was before counts no more. */
function isForgiven({ since }: BackOff, endedAt: number): boolean {
  return endedAt - since > 2 * most;
}
