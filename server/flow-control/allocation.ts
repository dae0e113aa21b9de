/** What one level wants, and the bounds that it is kept in: 0 ≤ least ≤ wanted, least ≤ most. */
export interface Want {
  readonly wanted: number;
  readonly least: number;
  readonly most: number;
}

export interface Allocation {
  readonly parts: readonly number[];
  /** What of its want each level gets that is not at a bound. */
  readonly fairFraction: number;
}

const smallest = 0.001;

/**
 * Shares `total` so that all get the same fraction of what they want, except those whom a bound holds.
 * What each gets only grows with the fraction, so the fraction is found between two of the bounds.
 */
export function allocate(total: number, wants: readonly Want[]): Allocation {
  const given = wants.map(({ wanted, least, most }) => ({ wanted: Math.max(wanted, smallest), least, most }));
  const partsAt = (fraction: number): number[] =>
    given.map(({ wanted, least, most }) => Math.min(most, Math.max(least, fraction * wanted)));
  const sumAt = (fraction: number): number => partsAt(fraction).reduce((sum, part) => sum + part, 0);
  const turns = given.flatMap(({ wanted, least, most }) => [least / wanted, most / wanted]).toSorted((a, b) => a - b);
  let below = 0;
  for (const turn of turns) {
    if (sumAt(turn) >= total) {
      const fraction = between(below, turn, total, sumAt);
      return { parts: partsAt(fraction), fairFraction: fraction };
    }
    below = turn;
  }
  return { parts: given.map(({ most }) => most), fairFraction: below };
}

/** Between two neighbouring bounds the sum is a straight line. */
function between(below: number, above: number, total: number, sumAt: (fraction: number) => number): number {
  const low = sumAt(below);
  const high = sumAt(above);
  return high <= low ? above : below + ((total - low) / (high - low)) * (above - below);
}
