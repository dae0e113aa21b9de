import type { Node } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

/** Nodes per second that get a taint that evicts, in a zone that is well. */
export const evictionRate = 0.1;
/** The same in a large zone that is not. */
const secondaryRate = 0.01;
/** Zones of more nodes are large. */
const largeZone = 50;
/** Such a part of a zone's nodes, and three at least, and something is wrong with the zone rather than with them. */
const unhealthyPart = 0.55;

/** https://kubernetes.io/docs/concepts/architecture/nodes/#rate-limits-on-eviction */
export type ZoneState = "Initial" | "Normal" | "PartialDisruption" | "FullDisruption";

export interface Zone {
  readonly ready: number;
  readonly notReady: number;
}

/** "" where a node has neither zone nor region. */
export function zoneOf({ metadata }: DeepReadonly<Node>): string {
  const labels = metadata?.labels ?? {};
  const zone = labels["failure-domain.beta.kubernetes.io/zone"] ?? labels["topology.kubernetes.io/zone"] ?? "";
  const region = labels["failure-domain.beta.kubernetes.io/region"] ?? labels["topology.kubernetes.io/region"] ?? "";
  return zone === "" && region === "" ? "" : `${region}:\0:${zone}`;
}

export function stateOf({ ready, notReady }: Zone): ZoneState {
  if (ready === 0 && notReady > 0) return "FullDisruption";
  if (notReady > 2 && notReady / (ready + notReady) >= unhealthyPart) return "PartialDisruption";
  return "Normal";
}

function rateOf(state: ZoneState, { ready, notReady }: Zone): number {
  if (state !== "PartialDisruption") return evictionRate;
  return ready + notReady > largeZone ? secondaryRate : 0;
}

export interface Disruption {
  readonly states: ReadonlyMap<string, ZoneState>;
  /** Of the zones whose rate may be another from now on. */
  readonly rates: ReadonlyMap<string, number>;
  /** Whether all nodes have just fallen silent (it is rather the controller that hears nothing), or some are back. */
  readonly turn: "none" | "lost all" | "found some";
}

/** What the zones have come to. Where all are lost, nothing is evicted anywhere. */
export function disruptionOf(before: ReadonlyMap<string, ZoneState>, zones: ReadonlyMap<string, Zone>): Disruption {
  const states = new Map([...zones].map(([name, zone]) => [name, stateOf(zone)]));
  const wasLost = [...zones.keys()].every((name) => before.get(name) === "FullDisruption");
  const isLost = [...states.values()].every((state) => state === "FullDisruption");
  if (isLost && wasLost) return { states, rates: new Map(), turn: "none" };
  if (isLost) return { states, rates: new Map([...zones.keys()].map((name) => [name, 0])), turn: "lost all" };
  const rates = new Map<string, number>();
  for (const [name, zone] of zones) {
    const state = states.get(name) ?? "Normal";
    if (wasLost || before.get(name) !== state) rates.set(name, rateOf(state, zone));
  }
  return { states, rates, turn: wasLost ? "found some" : "none" };
}
