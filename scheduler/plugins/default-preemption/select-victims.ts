import type { PodDisruptionBudget } from "../../../api/generated/types/policy-v1.ts";
import { isEmptySelector, lenientSelectorOf } from "../../../api/machinery/label-selector.ts";
import { matches, type Selector } from "../../../api/machinery/labels.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { filterBesideNominated } from "../../framework/filter-node.ts";
import { type NodeInfo, withoutPods, withPod } from "../../framework/node-info.ts";
import type { NominatedPods, PodCycle } from "../../framework/plugin.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import { type Rejected, unresolvable } from "../../framework/status.ts";
import { names } from "../names.ts";
import type { Candidate } from "./candidate.ts";
import { byImportance } from "./pick-candidate.ts";

export interface VictimNeeds {
  readonly budgets: readonly DeepReadonly<PodDisruptionBudget>[];
  readonly nominated: NominatedPods;
  readonly now: number;
  readonly isAllowed: (victim: PodInfo) => boolean;
}

const noVictims = unresolvable(names.defaultPreemption, "No preemption victims found for incoming pod");

/**
 * Takes all pods off that may be evicted, and puts back as many as can stay beside the pod: first those whose eviction
 * a disruption budget forbids, and of either kind the most important first.
 */
export function selectVictims(cycle: PodCycle, node: NodeInfo, needs: VictimNeeds): Candidate | Rejected {
  const removed = new Set(node.pods.filter(needs.isAllowed));
  if (removed.size === 0) return noVictims;
  let trial = withoutPods(node, removed);
  for (const pod of removed) for (const { filter } of cycle.filters) filter.removePod?.(pod, trial);
  const canStay = (pod: PodInfo): boolean => {
    const crowded = withPod(trial, pod);
    for (const { filter } of cycle.filters) filter.addPod?.(pod, trial);
    removed.delete(pod);
    if (filterBesideNominated(cycle, crowded, needs.nominated) === undefined) {
      trial = crowded;
      return true;
    }
    for (const { filter } of cycle.filters) filter.removePod?.(pod, trial);
    removed.add(pod);
    return false;
  };
  try {
    const rejected = filterBesideNominated(cycle, trial, needs.nominated);
    if (rejected !== undefined) return rejected;
    const inOrder = [...removed].toSorted(byImportance(needs.now));
    const violating = violatingPods(inOrder, needs.budgets);
    const isViolating = (pod: PodInfo): boolean => violating.has(pod);
    const mustGo = [...inOrder.filter(isViolating), ...inOrder.filter((pod) => !isViolating(pod))].filter(
      (pod) => !canStay(pod),
    );
    if (mustGo.length === 0)
      return unresolvable(names.defaultPreemption, `expected at least one victim pod on node "${node.name}"`);
    return {
      nodeName: node.name,
      victims: mustGo.toSorted(byImportance(needs.now)),
      violations: mustGo.filter(isViolating).length,
    };
  } finally {
    for (const pod of removed) for (const { filter } of cycle.filters) filter.addPod?.(pod, trial);
  }
}

/** Those for which nothing is left of some budget after the ones before them. */
function violatingPods(
  pods: readonly PodInfo[],
  budgets: readonly DeepReadonly<PodDisruptionBudget>[],
): ReadonlySet<PodInfo> {
  const left = budgets.map((budget) => ({
    namespace: budget.metadata?.namespace,
    selector: selectorOf(budget),
    disrupted: budget.status?.disruptedPods ?? {},
    allowed: budget.status?.disruptionsAllowed ?? 0,
  }));
  const violating = new Set<PodInfo>();
  for (const pod of pods) {
    if (Object.keys(pod.labels ?? {}).length === 0) continue;
    for (const budget of left) {
      if (budget.namespace !== pod.namespace || !matches(budget.selector, pod.labels)) continue;
      // Its eviction has been counted already.
      if (Object.hasOwn(budget.disrupted, pod.name)) continue;
      budget.allowed--;
      if (budget.allowed < 0) violating.add(pod);
    }
  }
  return violating;
}

/** Here an empty selector matches nothing. */
function selectorOf({ spec }: DeepReadonly<PodDisruptionBudget>): Selector {
  return lenientSelectorOf(isEmptySelector(spec?.selector) ? undefined : spec?.selector);
}
