import type { EndpointAddress, EndpointPort, EndpointSubset } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

type Address = DeepReadonly<EndpointAddress>;
type Port = DeepReadonly<EndpointPort>;
export type Subset = DeepReadonly<EndpointSubset>;

interface Reached {
  readonly address: Address;
  readonly isReady: boolean;
}

interface PortGroup {
  readonly port: Port | undefined;
  readonly addresses: Map<string, Reached>;
}

/**
 * The canonical form: ports that the same addresses have are in one subset, and no port is in two; an address that one
 * subset calls ready and another does not is not. `{a b}:80, {a}:443, {b}:443` becomes `{a b}:80+443`.
 */
export function repackSubsets(subsets: Iterable<Subset>): Subset[] {
  const groups = new Map<string, { readonly ports: Port[]; readonly addresses: readonly Reached[] }>();
  for (const { port, addresses } of byPort(subsets)) {
    const sorted = [...addresses].toSorted(([left], [right]) => order(left, right));
    const key = sorted.map(([id, { isReady }]) => `${id} ${isReady}`).join("\n");
    const group = groups.get(key) ?? { ports: [], addresses: sorted.map(([, reached]) => reached) };
    if (port !== undefined) group.ports.push(port);
    groups.set(key, group);
  }
  return [...groups]
    .toSorted(([left], [right]) => order(left, right))
    .map(([, { ports, addresses }]) => {
      const ready = addresses.filter(({ isReady }) => isReady).map(({ address }) => address);
      const notReady = addresses.filter(({ isReady }) => !isReady).map(({ address }) => address);
      return {
        ...(ready.length === 0 ? {} : { addresses: ready }),
        ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
        ...(ports.length === 0 ? {} : { ports: ports.toSorted((left, right) => order(portKey(left), portKey(right))) }),
      };
    });
}

function byPort(subsets: Iterable<Subset>): Iterable<PortGroup> {
  const groups = new Map<string, PortGroup>();
  const seen = new Map<string, Address>();
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const reached = [
      ...addresses.map((address) => ({ address, isReady: true })),
      ...notReadyAddresses.map((address) => ({ address, isReady: false })),
    ];
    for (const port of ports.length === 0 ? [undefined] : ports) {
      const key = portKey(port);
      const group = groups.get(key) ?? { port, addresses: new Map<string, Reached>() };
      groups.set(key, group);
      for (const { address, isReady } of reached) {
        const id = addressKey(address);
        const first = seen.get(id) ?? address;
        seen.set(id, first);
        const wasReady = group.addresses.get(id)?.isReady ?? true;
        group.addresses.set(id, { address: first, isReady: isReady && wasReady });
      }
    }
  }
  return groups.values();
}

function portKey(port: Port | undefined): string {
  if (port === undefined) return "";
  return `${port.name ?? ""} ${port.port} ${port.protocol ?? "TCP"} ${port.appProtocol ?? ""}`;
}

/** Two pods may share an address: that of their node. */
function addressKey({ ip, targetRef }: Address): string {
  return `${ip} ${targetRef?.uid ?? ""}`;
}

function order(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
