/**
 * Which pods to evict, on which node, so that a pod that fits nowhere fits there. Only decides: evicting is for others.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
 */
import type { PodDisruptionBudget } from "../../../api/generated/types/policy-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { Random } from "../../../base/random.ts";
import { fitErrorMessage } from "../../framework/fit-error.ts";
import type { NodeInfo } from "../../framework/node-info.ts";
import {
  nodeStatus,
  type NodeStatuses,
  type NominatedPods,
  type PodCycle,
  type PostFilterResult,
} from "../../framework/plugin.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import { type Rejected, unresolvable, unschedulable } from "../../framework/status.ts";
import type { DefaultPreemptionArgs } from "../args.ts";
import { names } from "../names.ts";
import type { Candidate } from "./candidate.ts";
import { pickCandidate } from "./pick-candidate.ts";
import { selectVictims } from "./select-victims.ts";

const name = names.defaultPreemption;
const notHelpful = unresolvable(name, "Preemption is not helpful for scheduling");

export interface PreemptionNeeds {
  readonly args: DefaultPreemptionArgs;
  readonly budgets: readonly DeepReadonly<PodDisruptionBudget>[];
  readonly nominated: NominatedPods;
  readonly random: Random;
  /** Milliseconds: a pod without start time started now. */
  readonly now: number;
}

/** `evict`: these pods, the most important first; some may be on their way out already. */
export type PreemptionPlan =
  | { readonly to: "evict"; readonly candidate: Candidate }
  | { readonly to: "give up"; readonly result: PostFilterResult };

/** Leaves the cycle's filters as they were. */
export function planPreemption(cycle: PodCycle, statuses: NodeStatuses, needs: PreemptionNeeds): PreemptionPlan {
  const ineligible = reasonAgainst(cycle, statuses);
  if (ineligible !== undefined)
    return { to: "give up", result: { nominatedNodeName: undefined, rejected: inPreemption(ineligible) } };
  const { candidates, rejected } = findCandidates(cycle, statuses, needs);
  const candidate = pickCandidate(candidates, needs.now);
  if (candidate !== undefined) return { to: "evict", candidate };
  const why = fitErrorMessage({
    nodes: cycle.snapshot.nodes.length,
    statuses: { byNode: rejected, others: notHelpful },
  });
  return { to: "give up", result: { nominatedNodeName: "", rejected: inPreemption(why) } };
}

function inPreemption(why: string): Rejected {
  return unschedulable(name, `preemption: ${why}`);
}

/** Undefined: the pod may evict others. */
function reasonAgainst({ pod, snapshot }: PodCycle, statuses: NodeStatuses): string | undefined {
  if (pod.pod.spec?.preemptionPolicy === "Never") return "not eligible due to preemptionPolicy=Never.";
  const nominated = pod.pod.status?.nominatedNodeName;
  if (!nominated || nodeStatus(statuses, nominated).code === "UnschedulableAndUnresolvable") return undefined;
  const isMakingRoom = snapshot.get(nominated)?.pods.some((other) => isAllowed(pod, other) && isPreempted(other));
  return isMakingRoom === true ? "not eligible due to a terminating pod on the nominated node." : undefined;
}

function isAllowed(pod: PodInfo, victim: PodInfo): boolean {
  return victim.priority < pod.priority;
}

function isPreempted({ pod: { metadata, status } }: PodInfo): boolean {
  if (metadata?.deletionTimestamp === undefined) return false;
  const target = status?.conditions?.find(({ type }) => type === "DisruptionTarget");
  return target?.status === "True" && target.reason === "PreemptionByScheduler";
}

interface Candidates {
  readonly candidates: readonly Candidate[];
  readonly rejected: ReadonlyMap<string, Rejected>;
}

/** Tries nodes from a random one on, until there are enough of which one at least violates no disruption budget. */
function findCandidates(cycle: PodCycle, statuses: NodeStatuses, needs: PreemptionNeeds): Candidates {
  const { snapshot, pod } = cycle;
  const potential = snapshot.nodes.filter((node) => nodeStatus(statuses, node.name).code === "Unschedulable");
  const rejected = new Map<string, Rejected>();
  const [harmless, violating]: [Candidate[], Candidate[]] = [[], []];
  const enough = candidatesToFind(potential.length, needs.args);
  const offset = potential.length === 0 ? 0 : needs.random.integer(potential.length);
  for (const node of inTurn(potential, offset)) {
    const found = selectVictims(cycle, node, { ...needs, isAllowed: (victim) => isAllowed(pod, victim) });
    if ("code" in found) rejected.set(node.name, found);
    else (found.violations === 0 ? harmless : violating).push(found);
    if (harmless.length > 0 && harmless.length + violating.length >= enough) break;
  }
  return { candidates: [...harmless, ...violating], rejected };
}

function inTurn(nodes: readonly NodeInfo[], offset: number): readonly NodeInfo[] {
  return [...nodes.slice(offset), ...nodes.slice(0, offset)];
}

function candidatesToFind(
  nodes: number,
  { minCandidateNodesPercentage, minCandidateNodesAbsolute }: DefaultPreemptionArgs,
): number {
  return Math.min(nodes, Math.max(Math.trunc((nodes * minCandidateNodesPercentage) / 100), minCandidateNodesAbsolute));
}
