import type { JsonObject } from "../../api/machinery/object.ts";
import type { Clock } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";
import { WebhookError } from "./webhook.ts";

interface RetryDeps {
  /** Real time. */
  readonly timers: Clock;
  readonly random: Random;
}

const tries = 5;
const firstPauseMs = 500;
const growth = 1.5;
/** Of a pause: so that those who failed together do not come again together. */
const jitter = 0.2;

/** Asks again, a few times and ever later, while the webhook's failures may pass. Throws the last one. */
export async function withRetries(
  ask: () => Promise<JsonObject>,
  { timers, random }: RetryDeps,
  signal: AbortSignal,
): Promise<JsonObject> {
  let pauseMs = firstPauseMs;
  for (let left = tries - 1; ; left -= 1) {
    try {
      return await ask();
    } catch (thrown) {
      if (!(thrown instanceof WebhookError) || !thrown.isTransient || left === 0 || signal.aborted) throw thrown;
    }
    await pause(pauseMs * (1 + jitter * (random.integer(1000) / 1000)), timers, signal);
    pauseMs *= growth;
  }
}

/** Shorter when the signal is aborted. */
function pause(milliseconds: number, timers: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      cancel();
      signal.removeEventListener("abort", over);
      resolve();
    };
    const cancel = timers.after(milliseconds, over);
    signal.addEventListener("abort", over, { once: true });
  });
}
