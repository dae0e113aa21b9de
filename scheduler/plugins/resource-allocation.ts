/** Scores of nodes by how much of their resources is taken, with the pod and without it. */
import { isNative } from "../../api/core/resource-names.ts";
import { amountOf } from "../framework/amounts.ts";
import type { NodeInfo } from "../framework/node-info.ts";
import type { PodScorer } from "../framework/plugin.ts";
import type { PodInfo } from "../framework/pod-info.ts";
import type { ResourceSpec } from "./args.ts";

export interface Allocation {
  readonly weight: number;
  readonly allocatable: number;
  /** Of the pods on the node. */
  readonly allocated: number;
  /** With the pod that is scheduled. */
  readonly requested: number;
}

/** 0 to 100 out of the allocations of the configured resources; those that the node does not have are left out. */
export type AllocationScore = (allocations: readonly Allocation[]) => number;

/** `nonZero`: pods that ask for no CPU or memory count as if they asked for a little. */
export type Counting = "nonZero" | "requested";

export function createAllocationScorer(
  resources: readonly ResourceSpec[],
  scoreOf: AllocationScore,
  counting: Counting,
): (pod: PodInfo) => PodScorer {
  return (pod) => {
    // A node's extended resources do not matter for a pod that does not ask for them.
    const wanted = resources
      .map((spec) => ({ ...spec, amount: wantedOf(pod, spec.name, counting) }))
      .filter((spec) => spec.amount > 0 || !isScalar(spec.name));
    // Filled anew for each node: thousands of nodes are scored for each pod.
    const slots = wanted.map(({ weight }) => ({ weight, allocatable: 0, allocated: 0, requested: 0 }));
    return {
      score(node) {
        let isWhole = true;
        for (const [index, slot] of slots.entries()) {
          const { name = "", amount = 0 } = wanted[index] ?? {};
          slot.allocatable = amountOf(node.allocatable, name);
          slot.allocated = takenOf(node, name, counting);
          slot.requested = slot.allocated + amount;
          if (slot.allocatable === 0) isWhole = false;
        }
        return scoreOf(isWhole ? slots : slots.filter(({ allocatable }) => allocatable > 0));
      },
    };
  };
}

function isScalar(resource: string): boolean {
  return !isNative(resource) || resource.startsWith("hugepages-") || resource.startsWith("attachable-volumes-");
}

export function wantedOf({ requests, nonZeroRequests }: PodInfo, resource: string, counting: Counting): number {
  if (counting === "nonZero" && resource === "cpu") return nonZeroRequests.milliCpu;
  if (counting === "nonZero" && resource === "memory") return nonZeroRequests.memory;
  return amountOf(requests, resource);
}

function takenOf({ requested, nonZeroRequested }: NodeInfo, resource: string, counting: Counting): number {
  if (counting === "nonZero" && resource === "cpu") return nonZeroRequested.milliCpu;
  if (counting === "nonZero" && resource === "memory") return nonZeroRequested.memory;
  return amountOf(requested, resource);
}
