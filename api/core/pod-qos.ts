import type { PodSpec, ResourceRequirements } from "../generated/types/core-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { addQuantities, compareQuantities, type Quantity, tryQuantity } from "../machinery/quantity.ts";

export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

const compute = ["cpu", "memory"] as const;

/**
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ — resources of the pod itself (KEP-2837), where given,
 * decide instead of those of its containers.
 */
export function qosClass(spec: DeepReadonly<PodSpec>): QosClass {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(
    ({ resources }) => resources ?? {},
  );
  const givers = isSet(spec.resources) ? [spec.resources] : containers;
  const requests = new Map<string, Quantity>();
  const limits = new Map<string, Quantity>();
  let everyLimit = true;
  for (const resources of givers) {
    add(requests, resources.requests);
    const own = add(limits, resources.limits);
    if (own < compute.length) everyLimit = false;
  }
  if (requests.size === 0 && limits.size === 0) return "BestEffort";
  const equal = [...requests].every(([name, request]) => {
    const limit = limits.get(name);
    return limit !== undefined && compareQuantities(limit, request) === 0;
  });
  return everyLimit && equal && requests.size === limits.size ? "Guaranteed" : "Burstable";
}

function isSet(
  resources: DeepReadonly<ResourceRequirements> | undefined,
): resources is DeepReadonly<ResourceRequirements> {
  return Object.keys(resources?.limits ?? {}).length + Object.keys(resources?.requests ?? {}).length > 0;
}

/** Answers how many compute resources were given; zero counts as not given. */
function add(sums: Map<string, Quantity>, given: Readonly<Record<string, string>> | undefined): number {
  let count = 0;
  for (const name of compute) {
    const text = given?.[name];
    const quantity = text === undefined ? undefined : tryQuantity(text);
    if (quantity === undefined || quantity.nano <= 0n) continue;
    const sum = sums.get(name);
    sums.set(name, sum === undefined ? quantity : addQuantities(sum, quantity));
    count++;
  }
  return count;
}
