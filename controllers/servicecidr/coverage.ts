import type { IPAddress, ServiceCIDR } from "../../api/generated/types/networking-v1.ts";
import { type Ip, type Network, networkContains, parseIp, parseNetwork } from "../../api/machinery/ip.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

type AnyCidr = DeepReadonly<ServiceCIDR>;

/** The API server's own addresses, of the Services; others are their makers' affair. */
const managedByLabel = "ipaddress.kubernetes.io/managed-by";
const allocator = "ipallocator.k8s.io";

function networksOf({ spec }: AnyCidr): Network[] {
  return (spec?.cidrs ?? []).flatMap((text) => parseNetwork(text) ?? []);
}

/** The address that an object stands for; undefined where no Service has it. */
export function serviceAddress({ metadata }: DeepReadonly<IPAddress>): Ip | undefined {
  return metadata?.labels?.[managedByLabel] === allocator ? parseIp(metadata.name ?? "") : undefined;
}

export function coversAddress(cidr: AnyCidr, ip: Ip): boolean {
  return networksOf(cidr).some((network) => networkContains(network, ip));
}

function coversNetwork(cidr: AnyCidr, { ip, prefix }: Network): boolean {
  return networksOf(cidr).some((network) => network.prefix <= prefix && networkContains(network, ip));
}

/** Whether one of them has an address that the other has too. */
export function overlaps(one: AnyCidr, other: AnyCidr): boolean {
  return networksOf(one).some(
    (network) => coversNetwork(other, network) || networksOf(other).some((inner) => coversNetwork(one, inner)),
  );
}

/** Whether a range may go: no Service would be left with an address that is in no range. */
export function mayGo(cidr: AnyCidr, all: readonly AnyCidr[], addresses: Iterable<DeepReadonly<IPAddress>>): boolean {
  const others = all.filter(({ metadata }) => metadata?.name !== cidr.metadata?.name);
  if (networksOf(cidr).every((network) => others.some((other) => coversNetwork(other, network)))) return true;
  for (const address of addresses) {
    const ip = serviceAddress(address);
    if (ip === undefined || !coversAddress(cidr, ip)) continue;
    if (!others.some((other) => coversAddress(other, ip))) return false;
  }
  return true;
}
