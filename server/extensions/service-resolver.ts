import type { Service } from "../../api/generated/types/core-v1.ts";
import type { EndpointSlice } from "../../api/generated/types/discovery-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Random } from "../../base/random.ts";
import type { ObjectReader } from "../admission/object-reader.ts";

/** A port of a Service, by its number. */
export interface ServicePortReference {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** Where a connection is made to: an IP address, or the host of an ExternalName service. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/**
 * One of the ready endpoints of a service. Cluster addresses are not dialled: the server's machine may have no proxy for
 * them. Throws ApiError NotFound or ServiceUnavailable.
 */
export type ResolveService = (service: ServicePortReference) => Promise<Endpoint>;

export function createServiceResolver({
  reader,
  random,
}: {
  readonly reader: ObjectReader;
  readonly random: Random;
}): ResolveService {
  return async ({ namespace, name, port }) => {
    const service = await reader.find<Service>("services", namespace, name);
    if (service === undefined)
      throw new ApiError("NotFound", `service ${JSON.stringify(name)} not found`, {
        details: { name, kind: "service" },
      });
    const { type = "ClusterIP", externalName = "", ports } = service.spec ?? {};
    if (type === "ExternalName") return { host: externalName, port };
    const found = ports?.find((one) => one.port === port);
    if (found === undefined) throw unavailable(`no service port ${port} found for service ${JSON.stringify(name)}`);
    const slices = await slicesOf(reader, namespace, name);
    const ready = slices.flatMap((slice) => readyEndpoints(slice, found.name ?? ""));
    const chosen = ready[ready.length > 1 ? random.integer(ready.length) : 0];
    if (chosen === undefined) throw unavailable(`no endpoints available for service ${JSON.stringify(name)}`);
    return chosen;
  };
}

/** The slices that belong to a service. */
export async function slicesOf(
  reader: ObjectReader,
  namespace: string,
  name: string,
): Promise<readonly DeepReadonly<EndpointSlice>[]> {
  const slices = await reader.list<EndpointSlice>("endpointslices.discovery.k8s.io", namespace);
  return slices.filter(
    ({ metadata, addressType }) => metadata?.labels?.["kubernetes.io/service-name"] === name && addressType !== "FQDN",
  );
}

/** What of a slice can be connected to by the service port of that name. */
export function readyEndpoints(slice: DeepReadonly<EndpointSlice>, portName: string): readonly Endpoint[] {
  const port = slice.ports?.find((one) => (one.name ?? "") === portName)?.port;
  if (port === undefined) return [];
  return (slice.endpoints ?? []).flatMap(({ addresses, conditions }) => {
    const host = conditions?.ready === false ? undefined : addresses?.[0];
    return host === undefined ? [] : [{ host, port }];
  });
}

function unavailable(message: string): ApiError {
  return new ApiError("ServiceUnavailable", message);
}
