import { highestScore, type Plugin } from "../framework/plugin.ts";
import { skip } from "../framework/status.ts";
import type { NodeResourcesBalancedAllocationArgs } from "./args.ts";
import { names } from "./names.ts";
import { type Allocation, createAllocationScorer, wantedOf } from "./resource-allocation.ts";

/** Prefers nodes whose resources would, with the pod, be used more evenly than without it. */
export function createBalancedAllocation({ resources }: NodeResourcesBalancedAllocationArgs): Plugin {
  const scorer = createAllocationScorer(resources, balanceGained, "requested");
  return {
    name: names.nodeResourcesBalancedAllocation,
    preScore({ pod }) {
      // It changes no balance.
      if (resources.every(({ name }) => wantedOf(pod, name, "requested") === 0)) return skip;
      return scorer(pod);
    },
  };
}

/** 75 where nothing changes, 100 from utter imbalance to balance, 50 the other way round. */
function balanceGained(allocations: readonly Allocation[]): number {
  const half = highestScore / 2;
  return half + Math.trunc((half + balanceOf(allocations, "requested") - balanceOf(allocations, "allocated")) / 2);
}

/** One less the standard deviation of the used shares, of 100. */
function balanceOf(allocations: readonly Allocation[], used: "requested" | "allocated"): number {
  const count = allocations.length;
  if (count < 2) return highestScore;
  let mean = 0;
  for (const allocation of allocations) mean += shareOf(allocation, used) / count;
  let variance = 0;
  for (const allocation of allocations) variance += (shareOf(allocation, used) - mean) ** 2 / count;
  return Math.trunc((1 - Math.sqrt(variance)) * highestScore);
}

function shareOf(allocation: Allocation, used: "requested" | "allocated"): number {
  return Math.min(allocation[used] / allocation.allocatable, 1);
}
