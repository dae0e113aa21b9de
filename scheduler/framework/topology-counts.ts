/** Numbers by label of nodes: topology key, then its value. Zero is as good as nothing. */
import type { Labels } from "../../api/machinery/labels.ts";
import type { Tally } from "./tallies.ts";

export interface TopologyCounts {
  /** All together; weights of either sign may cancel each other out. */
  readonly total: number;
  add(key: string, value: string, more: number): void;
  /** So much for each pod of the tally. */
  addTally(key: string, tally: Tally, weight: number): void;
  /** The number of the node's value of this key. */
  at(key: string, labels: Labels): number;
  /** Over all keys. */
  sum(labels: Labels): number;
}

interface Weighted {
  readonly tally: Tally;
  readonly weight: number;
}

export function createTopologyCounts(): TopologyCounts {
  const byKey = new Map<string, Map<string, number>>();
  const tallies = new Map<string, Weighted[]>();
  let total = 0;
  const at = (key: string, labels: Labels): number => {
    const value = labels[key];
    if (value === undefined) return 0;
    let count = byKey.get(key)?.get(value) ?? 0;
    for (const { tally, weight } of tallies.get(key) ?? []) count += weight * (tally.values.get(value)?.pods ?? 0);
    return count;
  };
  return {
    get total() {
      return total;
    },
    add(key, value, more) {
      total += more;
      let values = byKey.get(key);
      if (values === undefined) byKey.set(key, (values = new Map()));
      const count = (values.get(value) ?? 0) + more;
      if (count !== 0) values.set(value, count);
      else values.delete(value);
      if (values.size === 0) byKey.delete(key);
    },
    addTally(key, tally, weight) {
      if (tally.pods === 0) return;
      total += weight * tally.pods;
      const others = tallies.get(key);
      if (others === undefined) tallies.set(key, [{ tally, weight }]);
      else others.push({ tally, weight });
    },
    at,
    sum(labels) {
      let sum = 0;
      for (const key of byKey.keys()) sum += at(key, labels);
      for (const key of tallies.keys()) if (!byKey.has(key)) sum += at(key, labels);
      return sum;
    },
  };
}
