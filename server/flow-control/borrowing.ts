import { allocate, type Want } from "./allocation.ts";
import type { PriorityLevel } from "./priority-level.ts";

/** Milliseconds between two turns. */
export const borrowingPeriod = 10_000;

/**
 * Shares the seats anew by what was asked of each level since the last time, within what each may lend and borrow.
 * Answers the fraction of its want that a level gets which no bound holds.
 * https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#concurrency-limits
 */
export function adjustBorrowing(levels: Iterable<PriorityLevel>, now: number): number {
  const limited: { readonly level: PriorityLevel; readonly want: Want }[] = [];
  let nominal = 0;
  let taken = 0;
  for (const level of levels) {
    const { highest, smoothed } = level.demand.take(now);
    nominal += level.limits.nominal;
    if (level.exempt) {
      const seats = Math.max(level.limits.lower, highest);
      level.target = seats;
      taken += seats;
      level.grant(seats);
    } else {
      const least = Math.max(level.limits.lower, Math.min(level.limits.nominal, highest));
      limited.push({ level, want: { least, most: level.limits.upper, wanted: Math.max(least, smoothed) } });
    }
  }
  const { seats, fairFraction } = shareOut(limited, nominal, nominal - taken);
  for (const [index, { level, want }] of limited.entries()) {
    level.target = want.wanted;
    level.grant(Math.round(seats[index] ?? 0));
  }
  return fairFraction;
}

/** What exempt requests use is not there to be shared; but nobody falls below what it may not lend. */
function shareOut(
  limited: readonly { readonly level: PriorityLevel; readonly want: Want }[],
  nominal: number,
  remaining: number,
): { readonly seats: readonly number[]; readonly fairFraction: number } {
  const lower = limited.reduce((sum, { level }) => sum + level.limits.lower, 0);
  const least = limited.reduce((sum, { want }) => sum + want.least, 0);
  if (remaining <= lower) return { seats: limited.map(({ level }) => level.limits.lower), fairFraction: 0 };
  if (remaining <= least) {
    const fraction = (remaining - lower) / (least - lower);
    const seats = limited.map(({ level: { limits }, want }) => limits.lower + (want.least - limits.lower) * fraction);
    return { seats, fairFraction: 0 };
  }
  const wants = limited.map(({ want }) => want);
  const { parts, fairFraction } = allocate(nominal, wants);
  return { seats: parts, fairFraction };
}
