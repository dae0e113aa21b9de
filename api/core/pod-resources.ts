/** What a pod takes as a whole. https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers */
import type { Container, ContainerStatus, Pod } from "../generated/types/core-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { addQuantities, type Quantity } from "../machinery/quantity.ts";
import { addTo, type Quantities, raiseTo, readQuantities } from "./quantities.ts";
import { isPodLevelResource } from "./resource-list-defaults.ts";

export interface PodResourceOptions {
  /** What the pod costs beyond its containers is added. */
  readonly overhead: boolean;
  /** While a resize is under way the container takes the most of what it has and what it wants (KEP-1287). */
  readonly resizing: boolean;
  /** Which resources the pod itself may state instead of its containers (KEP-2837). */
  readonly podLevel: (resource: string) => boolean;
}

/** Whether the pod states any resources for itself. */
export function statesPodResources({ spec }: DeepReadonly<Pod>): boolean {
  const { requests = {}, limits = {} } = spec?.resources ?? {};
  return [...Object.keys(requests), ...Object.keys(limits)].some((resource) => isPodLevelResource(resource));
}

export function podRequests(pod: DeepReadonly<Pod>, options: PodResourceOptions): Map<string, Quantity> {
  const total = sumOf(pod, "requests", options);
  if (options.overhead) addTo(total, readQuantities(pod.spec?.overhead));
  return total;
}

export function podLimits(pod: DeepReadonly<Pod>, options: PodResourceOptions): Map<string, Quantity> {
  const total = sumOf(pod, "limits", options);
  if (!options.overhead) return total;
  for (const [resource, more] of readQuantities(pod.spec?.overhead)) {
    const limit = total.get(resource);
    // Where there is no limit, there is nothing to add to.
    if (limit !== undefined && limit.nano !== 0n) total.set(resource, addQuantities(limit, more));
  }
  return total;
}

type Which = "requests" | "limits";

/**
 * Containers and sidecars run at once; an init container runs beside the sidecars that started before it. So: the sum
 * of the former, or what some init container needs, whichever is more.
 */
function sumOf(pod: DeepReadonly<Pod>, which: Which, options: PodResourceOptions): Map<string, Quantity> {
  const amountsOf = options.resizing ? resizingAmounts(pod, which) : specAmounts(which);
  const total = new Map<string, Quantity>();
  const sidecars = new Map<string, Quantity>();
  const starting = new Map<string, Quantity>();
  for (const container of pod.spec?.containers ?? []) addTo(total, amountsOf(container, true));
  for (const container of pod.spec?.initContainers ?? []) {
    const isSidecar = container.restartPolicy === "Always";
    const amounts = amountsOf(container, isSidecar);
    if (isSidecar) {
      addTo(total, amounts);
      addTo(sidecars, amounts);
      raiseTo(starting, sidecars);
    } else {
      addTo(amounts, sidecars);
      raiseTo(starting, amounts);
    }
  }
  raiseTo(total, starting);
  for (const [resource, quantity] of readQuantities(pod.spec?.resources?.[which]))
    if (options.podLevel(resource)) total.set(resource, quantity);
  return total;
}

/** A new map each time; `lasting` is false for init containers that end. */
type AmountsOf = (container: DeepReadonly<Container>, lasting: boolean) => Map<string, Quantity>;

function specAmounts(which: Which): AmountsOf {
  return ({ resources }) => readQuantities(resources?.[which]);
}

function resizingAmounts(pod: DeepReadonly<Pod>, which: Which): AmountsOf {
  const statuses = new Map<string, DeepReadonly<ContainerStatus>>();
  for (const status of [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])])
    statuses.set(status.name, status);
  const infeasible = (pod.status?.conditions ?? []).some(
    ({ type, reason }) => type === "PodResizePending" && reason === "Infeasible",
  );
  return ({ name, resources }, lasting) => {
    const status = lasting ? statuses.get(name) : undefined;
    const wanted: Quantities = readQuantities(resources?.[which]);
    if (status?.resources === undefined) return new Map(wanted);
    const amounts = new Map(infeasible ? [] : wanted);
    raiseTo(amounts, readQuantities(status.resources[which]));
    if (which === "requests") raiseTo(amounts, readQuantities(status.allocatedResources));
    return amounts;
  };
}
