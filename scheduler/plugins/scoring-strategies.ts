/** https://kubernetes.io/docs/concepts/scheduling-eviction/resource-bin-packing/ */
import { highestScore } from "../framework/plugin.ts";
import type { ScoringStrategy, UtilizationShapePoint } from "./args.ts";
import type { Allocation, AllocationScore } from "./resource-allocation.ts";

export function strategyScorer({ type, requestedToCapacityRatio }: ScoringStrategy): AllocationScore {
  switch (type) {
    case "LeastAllocated":
      return weighted(leastAllocated);
    case "MostAllocated":
      return weighted(mostAllocated);
    case "RequestedToCapacityRatio":
      return ratioScorer(requestedToCapacityRatio?.shape ?? []);
  }
}

function weighted(score: (allocation: Allocation) => number): AllocationScore {
  return (allocations) => {
    let [sum, weights] = [0, 0];
    for (const allocation of allocations) {
      sum += score(allocation) * allocation.weight;
      weights += allocation.weight;
    }
    return weights === 0 ? 0 : Math.trunc(sum / weights);
  };
}

function leastAllocated({ requested, allocatable }: Allocation): number {
  return requested > allocatable ? 0 : Math.trunc(((allocatable - requested) * highestScore) / allocatable);
}

/** Where containers that ask for nothing are counted, more may seem requested than there is. */
function mostAllocated({ requested, allocatable }: Allocation): number {
  return Math.trunc((Math.min(requested, allocatable) * highestScore) / allocatable);
}

/** Scores of the configuration go up to this. */
const highestShapeScore = 10;

function ratioScorer(shape: readonly UtilizationShapePoint[]): AllocationScore {
  const points = shape.map(({ utilization, score }) => ({
    utilization,
    score: score * (highestScore / highestShapeScore),
  }));
  return (allocations) => {
    let [sum, weights] = [0, 0];
    for (const { requested, allocatable, weight } of allocations) {
      const utilization = requested > allocatable ? 100 : Math.trunc((requested * 100) / allocatable);
      const score = onBrokenLine(points, utilization);
      if (score <= 0) continue;
      sum += score * weight;
      weights += weight;
    }
    return weights === 0 ? 0 : Math.round(sum / weights);
  };
}

/** Between two points by the straight line, beyond the ends as at the ends. */
function onBrokenLine(points: readonly UtilizationShapePoint[], utilization: number): number {
  let former: UtilizationShapePoint | undefined;
  for (const point of points) {
    if (utilization <= point.utilization) {
      if (former === undefined) return point.score;
      const rise = (point.score - former.score) * (utilization - former.utilization);
      return former.score + Math.trunc(rise / (point.utilization - former.utilization));
    }
    former = point;
  }
  return former?.score ?? 0;
}
