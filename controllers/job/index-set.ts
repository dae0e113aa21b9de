import type { IndexInterval } from "../../api/batch/job-indexes.ts";

/** Completion indexes, as many as a hundred thousand: kept and written as intervals, `0,3-5,7`. Never changed. */
export class IndexSet {
  static readonly empty: IndexSet = new IndexSet([]);
  /** Ascending, with gaps between them. */
  readonly #intervals: readonly IndexInterval[];
  readonly size: number;

  private constructor(intervals: readonly IndexInterval[]) {
    this.#intervals = intervals;
    this.size = intervals.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  }

  /** From a status: what cannot be read is passed over, and what is beyond the completions left out. */
  static parse(text: string, completions: number): IndexSet {
    const read = text.split(",").flatMap((part): IndexInterval[] => {
      const found = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part);
      if (found === null) return [];
      const first = Number(found[1]);
      const last = Math.min(Number(found[2] ?? found[1]), completions - 1);
      return first <= last ? [{ first, last }] : [];
    });
    return IndexSet.#of(read);
  }

  static of(indexes: Iterable<number>): IndexSet {
    return IndexSet.#of([...indexes].map((index) => ({ first: index, last: index })));
  }

  static #of(intervals: readonly IndexInterval[]): IndexSet {
    const joined: { first: number; last: number }[] = [];
    for (const { first, last } of intervals.toSorted((left, right) => left.first - right.first)) {
      const before = joined.at(-1);
      if (before === undefined || first > before.last + 1) joined.push({ first, last });
      else before.last = Math.max(before.last, last);
    }
    return new IndexSet(joined);
  }

  has(index: number): boolean {
    let [low, high] = [0, this.#intervals.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#intervals[middle]?.last ?? 0) >= index) high = middle;
      else low = middle + 1;
    }
    const found = this.#intervals[low];
    return found !== undefined && found.first <= index;
  }

  union(other: IndexSet): IndexSet {
    if (other.size === 0) return this;
    return IndexSet.#of([...this.#intervals, ...other.#intervals]);
  }

  /** How many of them are in both. */
  overlap(other: IndexSet): number {
    let count = 0;
    for (const mine of this.#intervals)
      for (const theirs of other.#intervals)
        count += Math.max(0, Math.min(mine.last, theirs.last) - Math.max(mine.first, theirs.first) + 1);
    return count;
  }

  /** The first so many below `completions` that are not in the set. */
  missing(count: number, completions: number): number[] {
    const found: number[] = [];
    let candidate = 0;
    for (const { first, last } of [...this.#intervals, { first: completions, last: completions }]) {
      for (; candidate < Math.min(first, completions) && found.length < count; candidate += 1) found.push(candidate);
      if (found.length >= count) break;
      candidate = Math.max(candidate, last + 1);
    }
    return found;
  }

  /** Two neighbours are written one by one, as upstream does. */
  toString(): string {
    return this.#intervals
      .map(({ first, last }) => {
        if (first === last) return String(first);
        return last === first + 1 ? `${first},${last}` : `${first}-${last}`;
      })
      .join(",");
  }
}
