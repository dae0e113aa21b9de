import type { Clock } from "../../base/clock.ts";
import { tooLargeResourceVersion } from "../strategy/store-errors.ts";
import type { Cache } from "../watch-cache/cache.ts";

/** How long a read waits for a revision that is not there yet, in milliseconds. */
const patience = 3000;

/** Throws 504 ResourceVersionTooLarge when the revision does not come. */
export async function awaitRevision(cache: Cache, revision: number, timers: Clock): Promise<void> {
  if (revision <= cache.revision) return;
  const stop = new AbortController();
  const cancel = timers.after(patience, () => stop.abort());
  try {
    if (!(await cache.reached(revision, stop.signal))) throw tooLargeResourceVersion(cache.revision, revision);
  } finally {
    cancel();
  }
}
