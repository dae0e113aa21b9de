import { isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";
import type { ClusterOptions } from "./options.ts";

/** What stands for all addresses of this machine is no address to ask for. */
const loopbacks: ReadonlyMap<string, string> = new Map([
  ["0.0.0.0", "127.0.0.1"],
  ["::", "::1"],
]);

/** Where a server is to be found, and by whom. */
export interface Addresses {
  /** It listens here. */
  readonly host: string;
  /** For clients on this machine. */
  readonly local: string;
  /** For nodes and pods. */
  readonly advertised: string;
  /** For machines that join: who listens at one address is found there alone. */
  readonly joining: string;
  /** Of the `kubernetes` Service: the first usable one of its range. */
  readonly service: string;
  readonly serviceRanges: readonly string[];
}

export function addressesOf({
  host = "127.0.0.1",
  advertiseAddress,
  serviceRanges = ["10.96.0.0/16"],
}: ClusterOptions): Addresses {
  const advertised = advertiseAddress ?? machineAddress();
  return {
    host,
    local: loopbacks.get(host) ?? host,
    advertised,
    joining: advertiseAddress ?? (loopbacks.has(host) ? advertised : host),
    service: firstAddress(serviceRanges[0] ?? ""),
    serviceRanges,
  };
}

/** `host:port` */
export function authority(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function firstAddress(cidr: string): string {
  const [network = ""] = cidr.split("/");
  return isIPv4(network) ? network.replace(/\d+$/, (last) => String(Number(last) + 1)) : `${network}1`;
}

/** An address by which others reach this machine, else the loopback address. */
function machineAddress(): string {
  for (const addresses of Object.values(networkInterfaces()))
    for (const { address, family, internal } of addresses ?? []) if (!internal && family === "IPv4") return address;
  return "127.0.0.1";
}
