/** `0,3-5,7`: indexes of an indexed job, in ascending order. */
export interface IndexInterval {
  readonly first: number;
  readonly last: number;
}

/** What is wrong with the text, in upstream's words. */
export class IndexesError extends Error {
  override readonly name = "IndexesError";
}

/** Throws IndexesError. */
export function parseIndexes(text: string, completions: number): readonly IndexInterval[] {
  if (text === "") return [];
  const intervals: IndexInterval[] = [];
  for (const part of text.split(",")) {
    const interval = parseInterval(part, completions);
    const before = intervals.at(-1);
    if (before !== undefined && before.last >= interval.first) throw disordered(before.last, interval.first);
    intervals.push(interval);
  }
  return intervals;
}

export function countIndexes(intervals: readonly IndexInterval[]): number {
  return intervals.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

/** The first index that both hold; both are in ascending order. */
export function overlap(one: readonly IndexInterval[], other: readonly IndexInterval[]): number | undefined {
  let [at, otherAt] = [0, 0];
  for (;;) {
    const [left, right] = [one[at], other[otherAt]];
    if (left === undefined || right === undefined) return undefined;
    if (left.first <= right.last && right.first <= left.last) return Math.max(left.first, right.first);
    if (left.first <= right.first) at += 1;
    else otherAt += 1;
  }
}

function parseInterval(part: string, completions: number): IndexInterval {
  const [low = "", high, ...more] = part.split("-");
  if (more.length > 0) {
    const rule = "an index interval can have at most two parts separated by '-'";
    throw new IndexesError(`the fragment ${JSON.stringify(part)} violates the requirement that ${rule}`);
  }
  const first = parseIndex(low, completions);
  if (high === undefined) return { first, last: first };
  const last = parseIndex(high, completions);
  if (first >= last) throw disordered(first, last);
  return { first, last };
}

function parseIndex(text: string, completions: number): number {
  if (!/^\+?[0-9]{1,18}$/.test(text))
    throw new IndexesError(`cannot convert string to integer for index: ${JSON.stringify(text)}`);
  const index = Number(text);
  if (index >= completions) throw new IndexesError(`too large index: ${JSON.stringify(text)}`);
  return index;
}

function disordered(previous: number, current: number): IndexesError {
  return new IndexesError(`non-increasing order, previous: ${previous}, current: ${current}`);
}
