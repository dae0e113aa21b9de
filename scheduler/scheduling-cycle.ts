/** The choice of a node for one pod: PreFilter, Filter, PreScore, Score. It waits for nothing and writes nothing. */
import type { Random } from "../base/random.ts";
import { nodesToFind } from "./framework/feasible-nodes.ts";
import { filterBesideNominated } from "./framework/filter-node.ts";
import { type Diagnosis, noStatuses, rejectedEverywhere } from "./framework/fit-error.ts";
import type { NominatedPods, PodCycle } from "./framework/plugin.ts";
import type { PodInfo } from "./framework/pod-info.ts";
import type { Profile } from "./framework/profile.ts";
import { selectHost } from "./framework/score-nodes.ts";
import type { Snapshot } from "./framework/snapshot.ts";
import { startCycle } from "./framework/start-cycle.ts";
import { type KindMemory, kindOf, type NodeMemory } from "./node-memory.ts";
import { type FoundNodes, scoreFound, searchNodes } from "./node-search.ts";

export type Choice =
  | { readonly is: "node"; readonly cycle: PodCycle; readonly nodeName: string }
  | {
      readonly is: "misfit";
      readonly cycle: PodCycle;
      readonly diagnosis: Diagnosis;
      readonly plugins: readonly string[];
    }
  | { readonly is: "no nodes" };

export interface ChoiceNeeds {
  readonly profile: Profile;
  readonly snapshot: Snapshot;
  readonly nominated: NominatedPods & { readonly size: number };
  readonly random: Random;
  readonly turn: NodeTurn;
  readonly memory: NodeMemory;
}

/** Where among the nodes the next search begins: each has its turn. */
export interface NodeTurn {
  start: number;
}

/** Throws PluginError. */
export function chooseNode(pod: PodInfo, needs: ChoiceNeeds): Choice {
  const { profile, snapshot } = needs;
  const nodes = snapshot.nodes.length;
  if (nodes === 0) return { is: "no nodes" };
  const cycle = startCycle(profile, pod, snapshot);
  if ("rejected" in cycle) {
    const { rejected, plugins } = cycle;
    const diagnosis = { nodes, preFilter: rejected, statuses: rejectedEverywhere(rejected) };
    return { is: "misfit", cycle: withoutFilters(pod, snapshot), diagnosis, plugins };
  }
  const memory = needs.memory.of(kindOf(pod), nodes);
  const found = fittingNodes(cycle, memory, needs);
  const { feasible, statuses } = found;
  const chosen =
    feasible.length > 1 ? selectHost(feasible, scoreFound(profile, cycle, memory, found), needs.random) : feasible[0];
  if (chosen !== undefined) return { is: "node", cycle, nodeName: chosen.name };
  return { is: "misfit", cycle, diagnosis: { nodes, statuses }, plugins: cycle.narrowedBy };
}

/** What PostFilter sees where no plugin got as far as Filter. */
function withoutFilters(pod: PodInfo, snapshot: Snapshot): PodCycle {
  return { pod, snapshot, prepared: new Map(), filters: [], nodeNames: undefined, narrowedBy: [] };
}

function fittingNodes(cycle: PodCycle, memory: KindMemory, needs: ChoiceNeeds): FoundNodes {
  const { profile, nominated, turn } = needs;
  const { pod, snapshot, nodeNames } = cycle;
  // Room was made for it there, so most likely it fits, and needs no other.
  const expected = snapshot.get(pod.pod.status?.nominatedNodeName ?? "");
  if (expected !== undefined && filterBesideNominated(cycle, expected, nominated) === undefined)
    return { feasible: [expected], statuses: noStatuses, nextStart: turn.start, places: undefined };
  const candidates = nodeNames?.size ?? snapshot.nodes.length;
  const enough = profile.points.score.length === 0 ? 1 : nodesToFind(candidates, profile.percentageOfNodesToScore);
  const found = searchNodes(cycle, memory, {
    nominated,
    hasNominated: nominated.size > 0,
    start: turn.start,
    enough,
  });
  turn.start = found.nextStart;
  return found;
}
