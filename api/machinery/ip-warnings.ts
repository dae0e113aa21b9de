import { formatIp, formatNetwork, parseIp, parseNetwork } from "./ip.ts";

/** A valid address that is not written as others write it; one that is invalid is left to validation. */
export function addressWarnings(text: string, path: string): readonly string[] {
  const ip = parseIp(text);
  if (ip?.family !== "IPv6" || formatIp(ip) === text) return [];
  return [`${path}: IPv6 address ${JSON.stringify(text)} should be in RFC 5952 canonical format ("${formatIp(ip)}")`];
}

/** The same of a network. */
export function networkWarnings(text: string, path: string): readonly string[] {
  const network = parseNetwork(text);
  if (network?.ip.family !== "IPv6" || formatNetwork(network) === text) return [];
  const canonical = formatNetwork(network);
  return [`${path}: IPv6 CIDR value ${JSON.stringify(text)} should be in RFC 5952 canonical format ("${canonical}")`];
}
