import type { Pod } from "../../api/generated/types/core-v1.ts";
import { podRequests } from "../../api/core/pod-resources.ts";
import { isPodLevelResource } from "../../api/core/resource-list-defaults.ts";
import { getOwn } from "../../api/machinery/members.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { roundUpMilli, tryQuantity } from "../../api/machinery/quantity.ts";

/**
 * What each pod, or a container of it, requests of a resource, in thousandths. Throws where one requests nothing: there
 * is no utilization of that. https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#support-for-resource-metrics
 */
export function requestsOf(
  pods: readonly DeepReadonly<Pod>[],
  resource: string,
  container?: string,
): ReadonlyMap<string, bigint> {
  return new Map(
    pods.map((pod) => {
      const isOfPod =
        container === undefined && Object.keys(pod.spec?.resources?.requests ?? {}).some(isPodLevelResource);
      return [nameOf(pod), isOfPod ? ofPod(pod, resource) : ofContainers(pod, resource, container)];
    }),
  );
}

function ofPod(pod: DeepReadonly<Pod>, resource: string): bigint {
  const request = podRequests(pod, { overhead: true, resizing: false, podLevel: isPodLevelResource }).get(resource);
  if (request === undefined) throw new Error(`missing pod-level request for ${resource} in Pod ${nameOf(pod)}`);
  return roundUpMilli(request);
}

function ofContainers(pod: DeepReadonly<Pod>, resource: string, container: string | undefined): bigint {
  const sidecars = (pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  const all = [...(pod.spec?.containers ?? []), ...sidecars];
  const counted = container === undefined ? all : all.filter(({ name }) => name === container).slice(0, 1);
  if (container !== undefined && counted.length === 0)
    throw new Error(`container ${container} not found in Pod ${nameOf(pod)}`);
  let total = 0n;
  for (const { name, resources } of counted) {
    const request = tryQuantity(getOwn(resources?.requests ?? {}, resource) ?? "");
    if (request === undefined)
      throw new Error(`missing request for ${resource} in container ${name} of Pod ${nameOf(pod)}`);
    total += roundUpMilli(request);
  }
  return total;
}

function nameOf({ metadata }: DeepReadonly<Pod>): string {
  return metadata?.name ?? "";
}
