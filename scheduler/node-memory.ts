/**
 * What plugins have said of nodes to pods of the same kind. Most pods come in sets of equals, and between two of them
 * hardly a node has changed: so of most nodes it is known whether they fit and how well.
 *
 * Only for plugins whose answer depends on nothing but the node and what is in the kind; see `kindOf`.
 */
import type { NodeInfo } from "./framework/node-info.ts";
import type { PodInfo } from "./framework/pod-info.ts";
import type { Rejected } from "./framework/status.ts";
import { names } from "./plugins/names.ts";

/** Their Filter asks nobody else. */
export const localFilters: ReadonlySet<string> = new Set([
  ...[names.nodeUnschedulable, names.nodeName, names.taintToleration],
  ...[names.nodeAffinity, names.nodePorts, names.nodeResourcesFit],
]);
/** Nor does their Score. */
export const localScorers: ReadonlySet<string> = new Set([
  ...[names.taintToleration, names.nodeAffinity, names.nodeResourcesFit, names.nodeResourcesBalancedAllocation],
]);

/** All that those plugins look at in a pod. */
export function kindOf({ pod, requests, nonZeroRequests, hostPorts }: PodInfo): string {
  const { nodeName, nodeSelector, tolerations, affinity, schedulerName } = pod.spec ?? {};
  const { scalars, ...amounts } = requests;
  return JSON.stringify([
    ...[schedulerName, nodeName, nodeSelector, tolerations, affinity?.nodeAffinity],
    ...[hostPorts, amounts, [...scalars], nonZeroRequests],
  ]);
}

/** Of one kind of pod, by the place of the node in the snapshot. What is known of a node ends when it changes. */
export interface KindMemory {
  /** Generations of the nodes that it is known of; 0: of none. */
  readonly generations: number[];
  readonly rejections: (Rejected | undefined)[];
  /** By plugin; undefined: not asked yet. */
  readonly scores: Map<string, (number | undefined)[]>;
}

export interface NodeMemory {
  /** `size`: how many places there are. */
  of(kind: string, size: number): KindMemory;
}

/** Kinds that are remembered; the one that was asked for longest ago goes first. */
const mostKinds = 32;

export function createNodeMemory(): NodeMemory {
  const kinds = new Map<string, KindMemory>();
  return {
    of(kind, size) {
      let memory = kinds.get(kind);
      if (memory?.generations.length !== size) {
        const generations = Array.from({ length: size }, () => 0);
        memory = { generations, rejections: noAnswers(size), scores: new Map() };
      }
      kinds.delete(kind);
      kinds.set(kind, memory);
      const [oldest] = kinds.keys();
      if (kinds.size > mostKinds && oldest !== undefined) kinds.delete(oldest);
      return memory;
    },
  };
}

/** Filled from the start: an array with holes is slow. */
function noAnswers<T>(size: number): (T | undefined)[] {
  return Array.from({ length: size }, () => undefined);
}

/** Whether a node that is new at this place, or has changed, fits: as far as local filters can tell. */
export function learn(
  memory: KindMemory,
  place: number,
  node: NodeInfo,
  judge: (node: NodeInfo) => Rejected | undefined,
): Rejected | undefined {
  const rejection = judge(node);
  memory.generations[place] = node.generation;
  memory.rejections[place] = rejection;
  for (const scores of memory.scores.values()) scores[place] = undefined;
  return rejection;
}

/** A plugin's scores of nodes that are known to be at these places. */
export function recallScores(memory: KindMemory, plugin: string, { nodes, places, score }: ScoredNodes): number[] {
  let known = memory.scores.get(plugin);
  if (known === undefined) memory.scores.set(plugin, (known = noAnswers(memory.generations.length)));
  const scores: number[] = [];
  let index = 0;
  for (const node of nodes) {
    const place = places[index++] ?? 0;
    scores.push((known[place] ??= score(node)));
  }
  return scores;
}

export interface ScoredNodes {
  readonly nodes: readonly NodeInfo[];
  /** In the snapshot. */
  readonly places: readonly number[];
  readonly score: (node: NodeInfo) => number;
}
