import { humanDuration } from "../duration.ts";
import { timeMillis } from "../time.ts";

/** The AGE cell: how long ago a timestamp was. `now` in milliseconds. */
export function age(timestamp: string | null | undefined, now: number): string {
  const then = timeMillis(timestamp);
  return then === undefined ? "<unknown>" : humanDuration((now - then) / 1000);
}
