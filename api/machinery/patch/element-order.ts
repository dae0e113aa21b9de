import type { PatchValue } from "./directives.ts";

/** The identity of a list's item: its merge key's value, or a primitive itself. */
export type Identify = (item: PatchValue) => PatchValue;

/**
 * The order of a merged list. Items that `order` (the patch, or `$setElementOrder`) names stand as it says; the others
 * stay in the server's order, each before the first named one that followed it on the server.
 *
 * Server [1 2 3], order [3 1], merged {1 2 3}: named [3 1], others [2]; 2 stood before 3, so [2 3 1].
 */
export function orderElements<T extends PatchValue>(
  merged: readonly T[],
  order: readonly PatchValue[],
  server: readonly PatchValue[],
  identify: Identify,
): T[] {
  const orderRank = ranks(order, identify);
  const serverRank = ranks(server, identify);
  const isNamed = (item: T): boolean => orderRank.has(identify(item));
  const named = sortByRank(merged.filter(isNamed), orderRank, identify);
  const others = sortByRank(
    merged.filter((item) => !isNamed(item)),
    serverRank,
    identify,
  );
  return interleave(others, named, (item) => serverRank.get(identify(item)));
}

/** First places: of several equal items the first counts. */
function ranks(items: readonly PatchValue[], identify: Identify): ReadonlyMap<PatchValue, number> {
  const places = new Map<PatchValue, number>();
  items.forEach((item, place) => {
    const identity = identify(item);
    if (!places.has(identity)) places.set(identity, place);
  });
  return places;
}

function sortByRank<T extends PatchValue>(
  items: readonly T[],
  rank: ReadonlyMap<PatchValue, number>,
  identify: Identify,
): T[] {
  const rankOf = (item: T): number => rank.get(identify(item)) ?? Number.MAX_SAFE_INTEGER;
  return items.toSorted((a, b) => rankOf(a) - rankOf(b));
}

function interleave<T>(others: readonly T[], named: readonly T[], rankOf: (item: T) => number | undefined): T[] {
  const result: T[] = [];
  let next = 0;
  for (const item of named) {
    const rank = rankOf(item);
    for (
      let other = others[next];
      other !== undefined && rank !== undefined && (rankOf(other) ?? rank) < rank;
      other = others[++next]
    )
      result.push(other);
    result.push(item);
  }
  return [...result, ...others.slice(next)];
}
