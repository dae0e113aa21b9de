import type { FieldError } from "../machinery/field-error.ts";
import { bad } from "../machinery/findings.ts";
import { networkContains, parseIp, parseNetwork } from "../machinery/ip.ts";

const special: readonly (readonly [networks: readonly string[], detail: string])[] = [
  [["127.0.0.0/8", "::1/128"], "may not be in the loopback range (127.0.0.0/8, ::1/128)"],
  [["169.254.0.0/16", "fe80::/10"], "may not be in the link-local range (169.254.0.0/16, fe80::/10)"],
  [["224.0.0.0/24", "ff02::/16"], "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"],
];

/** Endpoints are elsewhere: an address that means this machine would lead to another one on every node. */
export function validateEndpointAddress(address: string, path: string): FieldError[] {
  const ip = parseIp(address);
  if (ip === undefined) return [];
  if (ip.value === 0n) return [bad(path, address, `may not be unspecified (${address})`)];
  for (const [networks, detail] of special) {
    const within = networks.some((text) => {
      const network = parseNetwork(text);
      return network !== undefined && networkContains(network, ip);
    });
    if (within) return [bad(path, address, detail)];
  }
  return [];
}
