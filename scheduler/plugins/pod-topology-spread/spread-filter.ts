import { matches } from "../../../api/machinery/labels.ts";
import type { NodeInfo } from "../../framework/node-info.ts";
import type { PodFilter } from "../../framework/plugin.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import type { Snapshot } from "../../framework/snapshot.ts";
import { unresolvable, unschedulable } from "../../framework/status.ts";
import type { Tallies } from "../../framework/tallies.ts";
import { names } from "../names.ts";
import { countValues, hasAllTopologies, type SpreadConstraint } from "./constraints.ts";
import { createSkew, type Skew } from "./skew.ts";

const reason = "node(s) didn't match pod topology spread constraints";
const uneven = unschedulable(names.podTopologySpread, reason);
const noTopology = unresolvable(names.podTopologySpread, `${reason} (missing required label)`);

interface Counted extends SpreadConstraint {
  readonly skew: Skew;
  /** 1 where the pod counts for its own constraint. */
  readonly itself: 0 | 1;
}

/** With the pod, no topology may have more than maxSkew pods above the one that has the fewest. */
export function createSpreadFilter(
  pod: PodInfo,
  constraints: readonly SpreadConstraint[],
  snapshot: Snapshot,
  tallies: Tallies,
): PodFilter {
  const neededKeys = constraints.map(({ topologyKey }) => topologyKey);
  const counted = constraints.map((constraint): Counted => {
    const skew = createSkew(countValues(constraint, pod, neededKeys, { snapshot, tallies }));
    return { ...constraint, skew, itself: matches(constraint.selector, pod.labels) ? 1 : 0 };
  });
  const change = (other: PodInfo, node: NodeInfo, more: 1 | -1): void => {
    if (other.namespace !== pod.namespace || !hasAllTopologies(node.labels, constraints)) return;
    for (const { selector, includes, skew, topologyKey } of counted)
      if (matches(selector, other.labels) && includes?.(node) !== false) skew.add(node.labels[topologyKey] ?? "", more);
  };
  return {
    filter({ labels }) {
      for (const { topologyKey, skew, itself, minDomains, maxSkew } of counted) {
        const value = labels[topologyKey];
        if (value === undefined) return noTopology;
        // While there are too few topologies, one that is yet to come has no pods.
        const least = skew.domains < minDomains ? 0 : skew.least;
        if (skew.at(value) + itself - least > maxSkew) return uneven;
      }
      return undefined;
    },
    addPod: (other, node) => change(other, node, 1),
    removePod: (other, node) => change(other, node, -1),
  };
}
