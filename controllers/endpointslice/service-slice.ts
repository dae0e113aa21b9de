/** The EndpointSlice of a service, apart from its endpoints. */
import type { Service } from "../../api/generated/types/core-v1.ts";
import type { EndpointPort, EndpointSlice } from "../../api/generated/types/discovery-v1.ts";
import type { IpFamily } from "../../api/machinery/ip.ts";
import { parseIp } from "../../api/machinery/ip.ts";
import { controllerReference } from "../../api/machinery/owners.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { services as serviceType } from "../../client/resource-types.ts";
import { headlessLabel, isHeadless } from "../endpoints/pod-endpoint.ts";

export type Slice = DeepReadonly<EndpointSlice>;

/** https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#management */
export const managedByLabel = "endpointslice.kubernetes.io/managed-by";
export const serviceNameLabel = "kubernetes.io/service-name";
export const managerName = "endpointslice-controller.k8s.io";

const reserved = new Set([managedByLabel, serviceNameLabel, headlessLabel]);

export function emptySlice(
  service: DeepReadonly<Service>,
  addressType: IpFamily,
  ports: readonly DeepReadonly<EndpointPort>[],
): Slice {
  const { namespace = "", name = "" } = service.metadata ?? {};
  return {
    metadata: {
      namespace,
      generateName: `${name}-`,
      labels: labelsFor(service),
      ownerReferences: [controllerReference(service, serviceType)],
    },
    addressType,
    endpoints: [],
    ports,
  };
}

/** Those of the service, and the reserved ones, which it cannot set. */
export function labelsFor(service: DeepReadonly<Service>): Record<string, string> {
  return {
    ...unreserved(service.metadata?.labels),
    ...(isHeadless(service) ? { [headlessLabel]: "" } : {}),
    [serviceNameLabel]: service.metadata?.name ?? "",
    [managedByLabel]: managerName,
  };
}

/** The labels of an object that are its own affair. */
export function unreserved(labels: DeepReadonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => !reserved.has(key)));
}

/** Not of another one that had its name. */
export function isOwnedBy({ metadata }: Slice, service: DeepReadonly<Service>): boolean {
  return (metadata?.ownerReferences ?? []).some(
    ({ uid, kind, apiVersion }) => uid === service.metadata?.uid && kind === "Service" && apiVersion === "v1",
  );
}

/** The families that a service is reached by: it has a set of slices for each. */
export function familiesOf({ spec }: DeepReadonly<Service>): readonly IpFamily[] {
  const families = new Set((spec?.ipFamilies ?? []).filter((family) => family === "IPv4" || family === "IPv6"));
  if (families.size > 0) return [...families];
  const address = parseIp(spec?.clusterIP ?? "");
  return address === undefined ? ["IPv4", "IPv6"] : [address.family];
}
