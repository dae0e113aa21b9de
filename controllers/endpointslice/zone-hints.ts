import { isReady, withHints, withoutHints } from "./hints.ts";
import type { SliceChanges } from "./plan.ts";
import type { Slice } from "./service-slice.ts";
import type { ZoneShares } from "./zone-shares.ts";

/** A zone may get so much more traffic than its share before hints are given up. */
const overload = 0.2;

/** How many endpoints are for each zone. */
export type HintCounts = ReadonlyMap<string, number>;

export type ZoneHints = { readonly changes: SliceChanges } & (
  | { readonly counts: HintCounts }
  | { readonly refusal: string }
);

interface Allocation {
  readonly most: number;
  readonly wanted: number;
}

/**
 * Shares endpoints among zones in proportion to their CPUs, most of them for the zone they are in. Slices that need no
 * other change and whose hints are within bounds are left as they are. Where it cannot be done well all hints go, and
 * the refusal says why.
 * https://kubernetes.io/docs/concepts/services-networking/topology-aware-routing/
 */
export function withZoneShares(changes: SliceChanges, shares: ZoneShares | undefined): ZoneHints {
  const refuse = (refusal: string): ZoneHints => ({ changes: withoutHints(changes), refusal });
  const all = [...changes.create, ...changes.update, ...changes.unchanged];
  const allocations = allocate(
    all.reduce((sum, slice) => sum + readyOf(slice).length, 0),
    shares,
  );
  if (typeof allocations === "string") return refuse(allocations);
  const { counts, kept, toWrite } = keepGood(changes, allocations);
  for (const endpoint of toWrite.flatMap(readyOf)) {
    if (!endpoint.zone) return refuse("One or more endpoints do not have a zone specified");
    increase(counts, endpoint.zone, 1);
  }
  const moves = movesBetween(allocations, counts);
  const undecided = { ...changes, update: toWrite.slice(changes.create.length), unchanged: [] };
  const hinted = withHints(undecided, (endpoint) => {
    if (!isReady(endpoint)) return undefined;
    const { zone = "" } = endpoint;
    const target = moves.get(zone)?.pop() ?? zone;
    if (target !== zone) {
      increase(counts, zone, -1);
      increase(counts, target, 1);
    }
    return { forZones: [{ name: target }] };
  });
  if (counts.size === 0) return refuse("No hints allocated for zones");
  const same = changes.unchanged.filter((slice) => hinted.update.includes(slice));
  const update = hinted.update.filter((slice) => !same.includes(slice));
  return { changes: { ...hinted, update, unchanged: [...kept, ...same] }, counts };
}

/** Whether zones have become so different that a service's hints have to be decided upon anew. */
export function isOverloaded(counts: HintCounts, shares: ZoneShares | undefined): boolean {
  if (counts.size === 0) return false;
  if (shares === undefined) return true;
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [...shares].some(([zone, share]) => (counts.get(zone) ?? -1) < Math.ceil((total * share) / (1 + overload)));
}

function allocate(total: number, shares: ZoneShares | undefined): ReadonlyMap<string, Allocation> | string {
  if (shares === undefined)
    return "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes";
  const size = `(${total} endpoints, ${shares.size} zones)`;
  if (shares.size > total) return `Insufficient number of endpoints ${size}`;
  const least = new Map([...shares].map(([zone, share]) => [zone, Math.ceil((share * total) / (1 + overload))]));
  const leastOfAll = [...least.values()].reduce((sum, count) => sum + count, 0);
  if (leastOfAll > total)
    return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${size}`;
  return new Map(
    [...shares].map(([zone, share]) => {
      const count = least.get(zone) ?? 0;
      return [zone, { most: count + total - leastOfAll, wanted: Math.max(share * total, count) }];
    }),
  );
}

/** Splits what need not be written from what must, and counts the hints of the former. */
function keepGood(
  { create, update, unchanged }: SliceChanges,
  allocations: ReadonlyMap<string, Allocation>,
): { readonly counts: Map<string, number>; readonly kept: Slice[]; readonly toWrite: Slice[] } {
  const counts = new Map<string, number>();
  const kept: Slice[] = [];
  const toWrite = [...create, ...update];
  for (const slice of unchanged) {
    const own = hintsOf(slice);
    const isGood =
      own !== undefined &&
      [...own].every(([zone, count]) => (counts.get(zone) ?? 0) + count <= (allocations.get(zone)?.most ?? -1));
    if (isGood) for (const [zone, count] of own) increase(counts, zone, count);
    (isGood ? kept : toWrite).push(slice);
  }
  return { counts, kept, toWrite };
}

/** Undefined where a ready endpoint has none. */
function hintsOf(slice: Slice): HintCounts | undefined {
  const counts = new Map<string, number>();
  for (const { hints } of readyOf(slice)) {
    const zones = hints?.forZones ?? [];
    if (zones.length === 0) return undefined;
    for (const { name } of zones) increase(counts, name, 1);
  }
  return counts;
}

/** For zones that have too many endpoints of their own, the zones that get some of them. */
function movesBetween(allocations: ReadonlyMap<string, Allocation>, counts: HintCounts): Map<string, string[]> {
  const surplus = new Map<string, number>();
  const lack = new Map<string, number>();
  for (const [zone, { wanted }] of allocations) {
    const difference = (counts.get(zone) ?? 0) - wanted;
    if (difference > 0) surplus.set(zone, difference);
    if (difference < 0) lack.set(zone, -difference);
  }
  const moves = new Map<string, string[]>();
  for (;;) {
    const [from, more] = largest(surplus);
    const [to, less] = largest(lack);
    if (more < 0.5 || less < 0.5 || (more < 1 && less < 1)) return moves;
    moves.set(from, [...(moves.get(from) ?? []), to]);
    increase(surplus, from, -1);
    increase(lack, to, -1);
  }
}

function largest(counts: ReadonlyMap<string, number>): readonly [zone: string, count: number] {
  let best: readonly [string, number] = ["", 0];
  for (const entry of counts) if (entry[1] > best[1]) best = entry;
  return best;
}

function readyOf({ endpoints }: Slice): NonNullable<Slice["endpoints"]> {
  return (endpoints ?? []).filter(isReady);
}

function increase(counts: Map<string, number>, zone: string, by: number): void {
  counts.set(zone, (counts.get(zone) ?? 0) + by);
}
