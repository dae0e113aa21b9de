import { dnsSubdomain } from "../../api/machinery/names.ts";
import type { Clock } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";

/** `web-0.18a2f0c3b1d4e5f6`: the object and the time in nanoseconds, of which those that no clock tells are chance. */
export function eventName(
  about: string,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): string {
  const nanos = BigInt(Math.floor(clock.now())) * 1_000_000n + BigInt(random.integer(1_000_000));
  const name = `${about}.${nanos.toString(16)}`;
  // Not every object is called what an event may be.
  return dnsSubdomain(name).length === 0 ? name : random.uuid();
}
