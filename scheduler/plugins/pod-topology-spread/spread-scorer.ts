import type { NodeInfo } from "../../framework/node-info.ts";
import { highestScore, type PodScorer } from "../../framework/plugin.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import type { Snapshot } from "../../framework/snapshot.ts";
import type { Tallies } from "../../framework/tallies.ts";
import { countValues, hasAllTopologies, hostname, questionOf, type SpreadConstraint } from "./constraints.ts";

export interface Spreading {
  readonly pod: PodInfo;
  readonly snapshot: Snapshot;
  readonly feasible: readonly NodeInfo[];
  readonly tallies: Tallies;
  /** With the system's defaults a node without zone still has its host name. */
  readonly needsAllTopologies: boolean;
}

/** The more pods a topology has, the lower its nodes. */
export function createSpreadScorer(constraints: readonly SpreadConstraint[], spreading: Spreading): PodScorer {
  const { feasible, needsAllTopologies } = spreading;
  const left = needsAllTopologies
    ? new Set(feasible.filter(({ labels }) => !hasAllTopologies(labels, constraints)))
    : new Set<NodeInfo>();
  const scored = constraints.map((constraint) => scoreOf(constraint, constraints, spreading, left));
  return {
    score(node) {
      if (left.has(node)) return 0;
      return Math.round(scored.reduce((sum, score) => sum + score(node), 0));
    },
    normalize(scores, nodes) {
      const counting = scores.filter((_, index) => !isLeft(nodes[index]));
      const lowest = counting.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
      const highest = counting.reduce((a, b) => Math.max(a, b), 0);
      for (const [index, score] of scores.entries()) {
        if (isLeft(nodes[index])) scores[index] = 0;
        else if (highest === 0) scores[index] = highestScore;
        else scores[index] = Math.trunc((highestScore * (highest + lowest - score)) / highest);
      }
    },
  };
  function isLeft(node: NodeInfo | undefined): boolean {
    return node !== undefined && left.has(node);
  }
}

function scoreOf(
  constraint: SpreadConstraint,
  constraints: readonly SpreadConstraint[],
  { pod, snapshot, feasible, tallies, needsAllTopologies }: Spreading,
  left: ReadonlySet<NodeInfo>,
): (node: NodeInfo) => number {
  const { topologyKey, maxSkew } = constraint;
  // Between large topologies the numbers differ less, so each counts more there.
  const scale = (pods: number, size: number): number => pods * Math.log(size + 2) + maxSkew - 1;
  if (topologyKey === hostname) {
    const size = feasible.length - left.size;
    const values = tallies.of(questionOf(constraint, pod.namespace, []), snapshot).values;
    return ({ labels }) => {
      const value = labels[hostname];
      return value === undefined ? 0 : scale(values.get(value)?.pods ?? 0, size);
    };
  }
  const ofFeasible = new Set<string>();
  for (const node of feasible) {
    const value = node.labels[topologyKey];
    if (value !== undefined && !left.has(node)) ofFeasible.add(value);
  }
  const neededKeys = needsAllTopologies ? constraints.map((other) => other.topologyKey) : [];
  const values = countValues(constraint, pod, neededKeys, { snapshot, tallies });
  return ({ labels }) => {
    const value = labels[topologyKey];
    return value === undefined ? 0 : scale(values.get(value)?.pods ?? 0, ofFeasible.size);
  };
}
