/** Filter and Score over all nodes, with the help of what is remembered: the same answers as those of framework/. */
import { findFeasibleNodes, type Search } from "./framework/feasible-nodes.ts";
import { filterBesideNominated, filterNode } from "./framework/filter-node.ts";
import type { NodeInfo } from "./framework/node-info.ts";
import type { NodeStatuses, Plugin, PodCycle } from "./framework/plugin.ts";
import type { Profile } from "./framework/profile.ts";
import { scoreNodes } from "./framework/score-nodes.ts";
import { type Rejected, skip, unresolvable } from "./framework/status.ts";
import { type KindMemory, learn, localFilters, localScorers, recallScores } from "./node-memory.ts";

export interface FoundNodes {
  readonly feasible: readonly NodeInfo[];
  readonly statuses: NodeStatuses;
  readonly nextStart: number;
  /** Of the feasible nodes, their places in the snapshot; undefined where nothing could be remembered. */
  readonly places: readonly number[] | undefined;
}

const allTried = unresolvable("");

export interface SearchInMemory extends Search {
  /** Whether any pod is nominated, on any node. */
  readonly hasNominated: boolean;
}

export function searchNodes(cycle: PodCycle, memory: KindMemory, search: SearchInMemory): FoundNodes {
  // Few nodes, or such that filters without memory come first: nothing to gain.
  const first = cycle.filters.findIndex(({ plugin }) => !localFilters.has(plugin));
  if (cycle.nodeNames !== undefined || first === 0) return { ...findFeasibleNodes(cycle, search), places: undefined };
  const local = { ...cycle, filters: first < 0 ? cycle.filters : cycle.filters.slice(0, first) };
  const others = { ...cycle, filters: first < 0 ? [] : cycle.filters.slice(first) };
  const judge = (node: NodeInfo): Rejected | undefined => filterNode(local, node);
  const { nodes } = cycle.snapshot;
  const { nominated, hasNominated, enough, start } = search;
  const hasOthers = others.filters.length > 0;
  const byNode = new Map<string, Rejected>();
  const [feasible, places]: [NodeInfo[], number[]] = [[], []];
  let tried = 0;
  for (let place = start % nodes.length; tried < nodes.length && feasible.length < enough; tried++) {
    const node = nodes[place];
    if (node !== undefined) {
      const isKnown = memory.generations[place] === node.generation;
      let rejected = isKnown ? memory.rejections[place] : learn(memory, place, node, judge);
      if (hasNominated && nominated.on(node.name).length > 0) rejected = filterBesideNominated(cycle, node, nominated);
      else if (hasOthers && rejected === undefined) rejected = filterNode(others, node);
      if (rejected === undefined) {
        feasible.push(node);
        places.push(place);
      } else byNode.set(node.name, rejected);
    }
    place = place + 1 === nodes.length ? 0 : place + 1;
  }
  const nextStart = (start + tried) % nodes.length;
  return { feasible, statuses: { byNode, others: allTried }, nextStart, places };
}

/** The weighted sum of all scores for each feasible node. */
export function scoreFound(
  profile: Profile,
  cycle: PodCycle,
  memory: KindMemory,
  found: FoundNodes,
): readonly number[] {
  const { feasible, places } = found;
  if (places === undefined) return scoreNodes(profile, cycle, feasible);
  const score = profile.points.score.map((plugin) =>
    localScorers.has(plugin.name) ? remembering(plugin, memory, places) : plugin,
  );
  return scoreNodes({ ...profile, points: { ...profile.points, score } }, cycle, feasible);
}

function remembering(plugin: Plugin, memory: KindMemory, places: readonly number[]): Plugin {
  return {
    name: plugin.name,
    preScore(cycle, feasible) {
      const scorer = plugin.preScore?.(cycle, feasible) ?? skip;
      if ("code" in scorer) return scorer;
      const score = (node: NodeInfo): number => scorer.score(node);
      return {
        score,
        scores: (nodes) => recallScores(memory, plugin.name, { nodes, places, score }),
        ...(scorer.normalize === undefined ? {} : { normalize: (all, nodes) => scorer.normalize?.(all, nodes) }),
      };
    },
  };
}
