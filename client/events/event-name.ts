import { dnsSubdomain } from "../../api/machinery/names.ts";
import type { Clock } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";

/** Nanoseconds: the first of a millisecond is by so many at most after its beginning, another after the one before. */
const most = { first: 500_000, next: 1000 };

/**
 * Names the events of a recorder: `web-0.18a2f0c3b1d4e5f6`, the object and the time in nanoseconds, of which those that
 * no clock tells are chance. Names grow, so that events of one second are listed in the order in which they were told.
 */
export function eventNames({
  clock,
  random,
}: {
  readonly clock: Clock;
  readonly random: Random;
}): (about: string) => string {
  let last = 0n;
  return (about) => {
    const now = BigInt(Math.floor(clock.now())) * 1_000_000n;
    last = last < now ? now + BigInt(random.integer(most.first)) : last + 1n + BigInt(random.integer(most.next));
    const name = `${about}.${last.toString(16)}`;
    // Not every object is called what an event may be.
    return dnsSubdomain(name).length === 0 ? name : random.uuid();
  };
}
