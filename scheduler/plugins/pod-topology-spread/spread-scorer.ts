import type { NodeInfo } from "../../framework/node-info.ts";
import { highestScore, type PodScorer } from "../../framework/plugin.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import type { Snapshot } from "../../framework/snapshot.ts";
import type { Count, Tallies } from "../../framework/tallies.ts";
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
  const weighings = constraints
    .map((constraint) => weighingOf(constraint, constraints, spreading, left))
    .filter((weighing) => weighing !== undefined);
  return {
    score(node) {
      if (left.size > 0 && left.has(node)) return 0;
      let sum = 0;
      for (const { topologyKey, values, weight, least } of weighings) {
        const value = node.labels[topologyKey];
        if (value !== undefined) sum += (values.get(value)?.pods ?? 0) * weight + least;
      }
      return Math.round(sum);
    },
    normalize(scores, nodes) {
      const isLeft = (index: number): boolean => {
        const node = nodes[index];
        return left.size > 0 && node !== undefined && left.has(node);
      };
      let [lowest, highest] = [Number.POSITIVE_INFINITY, 0];
      for (let index = 0; index < scores.length; index += 1) {
        if (isLeft(index)) continue;
        const score = scores[index] ?? 0;
        if (score < lowest) lowest = score;
        if (score > highest) highest = score;
      }
      for (let index = 0; index < scores.length; index += 1) {
        const score = scores[index] ?? 0;
        if (isLeft(index)) scores[index] = 0;
        else if (highest === 0) scores[index] = highestScore;
        else scores[index] = Math.trunc((highestScore * (highest + lowest - score)) / highest);
      }
    },
  };
}

/** What the pods of a node's topology count against it. */
interface Weighing {
  readonly topologyKey: string;
  readonly values: ReadonlyMap<string, Count>;
  /** Of one pod: between large topologies the numbers differ less, so each counts more there. */
  readonly weight: number;
  /** Even without pods. */
  readonly least: number;
}

/** Undefined where no node that counts has the topology. */
function weighingOf(
  constraint: SpreadConstraint,
  constraints: readonly SpreadConstraint[],
  { pod, snapshot, feasible, tallies, needsAllTopologies }: Spreading,
  left: ReadonlySet<NodeInfo>,
): Weighing | undefined {
  const { topologyKey, maxSkew } = constraint;
  const weighing = (values: ReadonlyMap<string, Count>, size: number): Weighing => ({
    ...{ topologyKey, values, weight: Math.log(size + 2), least: maxSkew - 1 },
  });
  if (topologyKey === hostname) {
    const { values } = tallies.of(questionOf(constraint, pod.namespace, []), snapshot);
    return weighing(values, feasible.length - left.size);
  }
  const neededKeys = needsAllTopologies ? constraints.map((other) => other.topologyKey) : [];
  const values = countValues(constraint, pod, neededKeys, { snapshot, tallies });
  if (values.size === 0 && constraint.includes === undefined) return undefined;
  const ofFeasible = new Set<string>();
  for (const node of feasible) {
    const value = node.labels[topologyKey];
    if (value !== undefined && !left.has(node)) ofFeasible.add(value);
  }
  return weighing(values, ofFeasible.size);
}
