import type { IpFamily } from "../../api/machinery/ip.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import type { Kind } from "../encoding/kind.ts";
import type { Allocation } from "../strategy/allocation.ts";
import type { Objects } from "../strategy/objects.ts";
import type { Cache } from "../watch-cache/cache.ts";
import { ClusterAddresses } from "./cluster-addresses.ts";
import { NodePorts, type PortRange } from "./node-ports.ts";
import { Repair } from "./repair.ts";
import { ServiceAllocation } from "./service-allocation.ts";

/** What the cluster has for its services. */
export interface ServiceOptions {
  /** Families of addresses, the cluster's own first. */
  readonly families: readonly IpFamily[];
  /** The address of the `kubernetes` Service, which is never handed out unasked. */
  readonly apiServerAddress: string;
  readonly nodePorts: PortRange;
}

export interface ServiceAllocationDeps extends ServiceOptions {
  readonly kinds: readonly Kind[];
  readonly cache: Cache;
  readonly objects: Objects;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Undefined when services, or what their addresses are kept in, are not served. */
export function createServiceAllocation(
  deps: ServiceAllocationDeps,
): { allocation: Allocation; repair: Repair } | undefined {
  const kindOf = (group: string, plural: string): Kind | undefined =>
    deps.kinds.find(({ row }) => row.group === group && row.plural === plural);
  const services = kindOf("", "services");
  const addressKind = kindOf("networking.k8s.io", "ipaddresses");
  const ranges = kindOf("networking.k8s.io", "servicecidrs");
  if (services === undefined || addressKind === undefined || ranges === undefined) return undefined;
  const kinds = { services, addresses: addressKind, ranges };
  const { cache, random } = deps;
  const addresses = new ClusterAddresses({ ...deps, kinds, reserved: deps.apiServerAddress });
  const nodePorts = new NodePorts({ range: deps.nodePorts, services: () => cache.resource(services), random });
  return {
    allocation: new ServiceAllocation({ ...deps, addresses, nodePorts }),
    repair: new Repair({ ...deps, kinds, addresses }),
  };
}
