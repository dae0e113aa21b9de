import { filterBesideNominated } from "./filter-node.ts";
import type { NodeInfo } from "./node-info.ts";
import type { NodeStatuses, NominatedPods, PodCycle } from "./plugin.ts";
import { type Rejected, unresolvable } from "./status.ts";

export interface FeasibleNodes {
  readonly feasible: readonly NodeInfo[];
  /** Of the nodes that were tried and rejected. */
  readonly statuses: NodeStatuses;
  /** Where the next cycle starts, so that in a large cluster all nodes have their turn. */
  readonly nextStart: number;
}

export interface Search {
  readonly nominated: NominatedPods;
  /** An index into the nodes; beyond the last it starts over. */
  readonly start: number;
  /** Enough to choose from: see `nodesToFind`; 1 where nothing scores. */
  readonly enough: number;
}

/** Runs Filter on node after node until enough have passed. */
export function findFeasibleNodes(cycle: PodCycle, { nominated, start, enough }: Search): FeasibleNodes {
  const nodes = candidates(cycle);
  const byNode = new Map<string, Rejected>();
  const feasible: NodeInfo[] = [];
  const count = nodes.length;
  let tried = 0;
  while (tried < count && feasible.length < enough) {
    const node = nodes[(start + tried) % count];
    tried++;
    if (node === undefined) continue;
    const rejected = filterBesideNominated(cycle, node, nominated);
    if (rejected === undefined) feasible.push(node);
    else byNode.set(node.name, rejected);
  }
  const all = cycle.snapshot.nodes.length;
  return {
    feasible,
    statuses: { byNode, others: statusOfOthers(cycle) },
    nextStart: all === 0 ? 0 : (start + tried) % all,
  };
}

function candidates({ nodeNames, snapshot }: PodCycle): readonly NodeInfo[] {
  if (nodeNames === undefined) return snapshot.nodes;
  return [...nodeNames].map((name) => snapshot.get(name)).filter((node) => node !== undefined);
}

/** Nodes that PreFilter left out. */
function statusOfOthers({ narrowedBy }: PodCycle): Rejected {
  const [first = ""] = narrowedBy;
  if (narrowedBy.length === 0) return unresolvable(first);
  return unresolvable(first, `node(s) didn't satisfy plugin(s) [${narrowedBy.toSorted().join(" ")}]`);
}

const fewest = 100;
const leastPercentage = 5;

/**
 * How many feasible nodes are enough: all up to 100, then a share that falls from 50 % to 5 % with the size of the
 * cluster, unless a percentage is configured.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/scheduler-perf-tuning/
 */
export function nodesToFind(nodes: number, percentage = 0): number {
  if (nodes < fewest || percentage >= 100) return nodes;
  const share = percentage > 0 ? percentage : Math.max(50 - Math.trunc(nodes / 125), leastPercentage);
  return Math.max(Math.trunc((nodes * share) / 100), fewest);
}
