/**
 * The order in which nodes are tried: zone by zone in turns, so that the first few feasible ones already are of many
 * zones.
 */
import type { Labels } from "../../api/machinery/labels.ts";

export interface NodeOrder {
  set(name: string, labels: Labels): void;
  remove(name: string): void;
  /** The same list, until nodes come, go or change their zone. */
  names(): readonly string[];
}

export const zoneLabel = "topology.kubernetes.io/zone";
export const regionLabel = "topology.kubernetes.io/region";
export const betaZoneLabel = "failure-domain.beta.kubernetes.io/zone";
export const betaRegionLabel = "failure-domain.beta.kubernetes.io/region";

export function createNodeOrder(): NodeOrder {
  const zoneOf = new Map<string, string>();
  const zones = new Map<string, Set<string>>();
  let names: readonly string[] | undefined;
  const remove = (name: string): void => {
    const zone = zoneOf.get(name);
    if (zone === undefined) return;
    zoneOf.delete(name);
    const members = zones.get(zone);
    members?.delete(name);
    if (members?.size === 0) zones.delete(zone);
    names = undefined;
  };
  return {
    set(name, labels) {
      const zone = zoneKey(labels);
      if (zoneOf.get(name) === zone) return;
      remove(name);
      zoneOf.set(name, zone);
      const members = zones.get(zone);
      if (members === undefined) zones.set(zone, new Set([name]));
      else members.add(name);
      names = undefined;
    },
    remove,
    names: () => (names ??= inTurns([...zones.values()])),
  };
}

/** The older labels count where a node still has them. */
function zoneKey(labels: Labels): string {
  const region = labels[betaRegionLabel] ?? labels[regionLabel] ?? "";
  const zone = labels[betaZoneLabel] ?? labels[zoneLabel] ?? "";
  return `${region}\0${zone}`;
}

function inTurns(zones: readonly ReadonlySet<string>[]): string[] {
  const lists = zones.map((zone) => [...zone]);
  const longest = lists.reduce((most, { length }) => Math.max(most, length), 0);
  const names: string[] = [];
  for (let turn = 0; turn < longest; turn++)
    for (const list of lists) {
      const name = list[turn];
      if (name !== undefined) names.push(name);
    }
  return names;
}
