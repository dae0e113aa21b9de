import type { LimitRangeItem, PersistentVolumeClaim, Pod } from "../../../api/generated/types/core-v1.ts";
import { podLimits, podRequests } from "../../../api/core/pod-resources.ts";
import { type QuantityTexts, readQuantities } from "../../../api/core/quantities.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { Quantity } from "../../../api/machinery/quantity.ts";
import { exceedsRatio, overMaximum, overMaximumRequest, type Taken, underMinimum } from "./bounds.ts";

type Item = DeepReadonly<LimitRangeItem>;

/** What a pod breaks of a LimitRange's limits. */
export function podComplaints(limits: readonly Item[], pod: DeepReadonly<Pod>): string[] {
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  return limits.flatMap((item) => {
    if (item.type === "Container") {
      return containers.flatMap(({ resources }) =>
        complaints(item, { requests: readQuantities(resources?.requests), limits: readQuantities(resources?.limits) }),
      );
    }
    return item.type === "Pod" ? complaints(item, wholePod(pod)) : [];
  });
}

/** Claims have requests only. */
export function claimComplaints(limits: readonly Item[], { spec }: DeepReadonly<PersistentVolumeClaim>): string[] {
  const taken: Taken = { requests: readQuantities(spec?.resources?.requests), limits: new Map() };
  return limits
    .filter(({ type }) => type === "PersistentVolumeClaim")
    .flatMap(({ type, min, max }) => [
      ...each(min, (resource, bound) => underMinimum(type, resource, bound, taken)),
      ...each(max, (resource, bound) => overMaximumRequest(type, resource, bound, taken)),
    ]);
}

function wholePod(pod: DeepReadonly<Pod>): Taken {
  const options = {
    overhead: false,
    resizing: false,
    podLevel: (resource: string) => resource === "cpu" || resource === "memory",
  };
  return { requests: podRequests(pod, options), limits: podLimits(pod, options) };
}

function complaints({ type, min, max, maxLimitRequestRatio }: Item, taken: Taken): string[] {
  return [
    ...each(min, (resource, bound) => underMinimum(type, resource, bound, taken)),
    ...each(max, (resource, bound) => overMaximum(type, resource, bound, taken)),
    ...each(maxLimitRequestRatio, (resource, bound) => exceedsRatio(type, resource, bound, taken)),
  ];
}

function each(
  bounds: QuantityTexts | undefined,
  complaint: (resource: string, bound: Quantity) => string | undefined,
): string[] {
  return [...readQuantities(bounds)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([resource, bound]) => complaint(resource, bound))
    .filter((text) => text !== undefined);
}
