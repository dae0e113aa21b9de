/** Pods by the values of one topology key, and the least of these numbers. */
export interface Skew {
  /** A value without pods is one, too. */
  add(value: string, more: number): void;
  at(value: string): number;
  /** How many values there are. */
  readonly domains: number;
  /** Of all values; 0 where there is none. */
  readonly least: number;
}

/** Each change costs the same however many values there are: preemption tries many. */
export function createSkew(start: ReadonlyMap<string, { readonly pods: number }>): Skew {
  const counts = new Map<string, number>();
  /** How many values have so many pods. */
  const values = new Map<number, number>();
  for (const [value, { pods }] of start) {
    counts.set(value, pods);
    values.set(pods, (values.get(pods) ?? 0) + 1);
  }
  let least = [...values.keys()].reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  if (counts.size === 0) least = 0;
  return {
    add(value, more) {
      const former = counts.get(value);
      const count = (former ?? 0) + more;
      counts.set(value, count);
      values.set(count, (values.get(count) ?? 0) + 1);
      if (former !== undefined) values.set(former, (values.get(former) ?? 0) - 1);
      if (count < least || counts.size === 1) least = count;
      else while ((values.get(least) ?? 0) === 0) least++;
    },
    at: (value) => counts.get(value) ?? 0,
    get domains() {
      return counts.size;
    },
    get least() {
      return least;
    },
  };
}
