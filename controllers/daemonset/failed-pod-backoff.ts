import type { Clock } from "../../base/clock.ts";
import { firstBackoffMs } from "./plan.ts";

const mostMs = 15 * 60_000;
/** A node on which nothing has failed for so long begins anew. */
const forgottenAfterMs = 2 * mostMs;

/** How long each node's failed pod waits until it is replaced. Lost with the process: then it begins with the shortest wait. */
export interface FailedPodBackoff {
  /** Milliseconds that are left; 0 where nothing failed lately. */
  left(key: string): number;
  /** A failed pod is replaced: the next one waits twice as long. */
  failed(key: string): void;
}

export function createFailedPodBackoff(clock: Pick<Clock, "now">): FailedPodBackoff {
  /** In the order of the last failure, so that what is forgotten stands first. */
  const entries = new Map<string, { readonly ms: number; readonly at: number }>();
  const forget = (): void => {
    for (const [key, { at }] of entries) {
      if (clock.now() - at <= forgottenAfterMs) return;
      entries.delete(key);
    }
  };
  return {
    left(key) {
      const entry = entries.get(key);
      if (entry === undefined || clock.now() - entry.at > forgottenAfterMs) return 0;
      return Math.max(entry.at + entry.ms - clock.now(), 0);
    },
    failed(key) {
      forget();
      const before = entries.get(key);
      entries.delete(key);
      entries.set(key, {
        ms: before === undefined ? firstBackoffMs : Math.min(before.ms * 2, mostMs),
        at: clock.now(),
      });
    },
  };
}
