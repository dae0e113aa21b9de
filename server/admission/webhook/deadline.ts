import type { Clock } from "../../../base/clock.ts";

/** Upstream grants a write this much, whatever its webhooks may take each. */
const requestMs = 34_000;

/** What a request leaves to its webhooks. */
export interface Deadline {
  readonly signal: AbortSignal;
  readonly isOver: boolean;
  remainingMs(): number;
  /** Nobody is waited for any more. */
  end(): void;
}

export function startDeadline(timers: Clock, client: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const over = (): void => controller.abort();
  const ends = timers.now() + requestMs;
  const cancel = timers.after(requestMs, over);
  client?.addEventListener("abort", over, { once: true });
  if (client?.aborted === true) over();
  return {
    signal: controller.signal,
    get isOver() {
      return controller.signal.aborted;
    },
    remainingMs: () => Math.max(0, ends - timers.now()),
    end() {
      cancel();
      client?.removeEventListener("abort", over);
    },
  };
}
