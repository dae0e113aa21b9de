/** What an autoscaler has recommended and done of late. It is not stored: after a restart it begins anew, as upstream's does. */
export interface Recommendation {
  readonly replicas: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface Rescale {
  /** How many were added, or removed. */
  readonly count: number;
  readonly at: number;
}

export interface History {
  readonly recommendations: readonly Recommendation[];
  readonly ups: readonly Rescale[];
  readonly downs: readonly Rescale[];
}

export function beginning(replicas: number, now: number): History {
  return { recommendations: [{ replicas, at: now }], ups: [], downs: [] };
}

/** Nothing asks for more: the longest stabilization window is an hour, the longest period of a policy half of that. */
const longestMs = 3_600_000;

export function recommended(history: History, replicas: number, now: number): History {
  return { ...history, recommendations: [...recent(history.recommendations, now), { replicas, at: now }] };
}

export function rescaled(history: History, from: number, to: number, now: number): History {
  const { ups, downs } = history;
  if (to > from) return { ...history, ups: [...recent(ups, now), { count: to - from, at: now }] };
  return { ...history, downs: [...recent(downs, now), { count: from - to, at: now }] };
}

function recent<T extends { readonly at: number }>(list: readonly T[], now: number): T[] {
  return list.filter(({ at }) => at >= now - longestMs);
}

/** How many were added, or removed, within so many seconds. */
export function changeWithin(rescales: readonly Rescale[], seconds: number, now: number): number {
  return rescales.reduce((sum, { count, at }) => (at > now - seconds * 1000 ? sum + count : sum), 0);
}
