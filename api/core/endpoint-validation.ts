import type { EndpointAddress, EndpointPort, EndpointSubset } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, named, required } from "../machinery/findings.ts";
import { ipProblems, networkContains, parseIp, parseNetwork } from "../machinery/ip.ts";
import { dnsLabel, dnsSubdomain, labelKey, portNumber } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";

export function validateSubset(subset: DeepReadonly<EndpointSubset>, path: string): FieldError[] {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
  const isEmpty = addresses.length + notReadyAddresses.length === 0;
  return [
    ...(isEmpty ? [required(path, "must specify `addresses` or `notReadyAddresses`")] : []),
    ...addresses.flatMap((address, index) => validateAddress(address, `${path}.addresses[${index}]`)),
    ...notReadyAddresses.flatMap((address, index) => validateAddress(address, `${path}.notReadyAddresses[${index}]`)),
    ...ports.flatMap((port, index) => validatePort(port, ports.length > 1, `${path}.ports[${index}]`)),
  ];
}

function validateAddress({ ip = "", hostname, nodeName }: DeepReadonly<EndpointAddress>, path: string): FieldError[] {
  return [
    ...named(`${path}.ip`, ip, ipProblems(ip)),
    ...(hostname ? named(`${path}.hostname`, hostname, dnsLabel(hostname)) : []),
    ...(nodeName === undefined ? [] : named(`${path}.nodeName`, nodeName, dnsSubdomain(nodeName))),
    ...endpointIp(`${path}.ip`, ip),
  ];
}

function validatePort(
  { name, port, appProtocol }: DeepReadonly<EndpointPort>,
  needsName: boolean,
  path: string,
): FieldError[] {
  const findings: FieldError[] = [];
  if (name) findings.push(...named(`${path}.name`, name, dnsLabel(name)));
  else if (needsName) findings.push(required(`${path}.name`));
  findings.push(...named(`${path}.port`, port ?? 0, portNumber(port ?? 0)));
  if (appProtocol !== undefined) findings.push(...named(`${path}.appProtocol`, appProtocol, labelKey(appProtocol)));
  return findings;
}

const special: readonly { readonly networks: readonly string[]; readonly why: string }[] = [
  { networks: ["127.0.0.0/8", "::1/128"], why: "may not be in the loopback range (127.0.0.0/8, ::1/128)" },
  { networks: ["169.254.0.0/16", "fe80::/10"], why: "may not be in the link-local range (169.254.0.0/16, fe80::/10)" },
  {
    // Upstream's words, and what it means by them.
    networks: ["224.0.0.0/24", "ff02::/16"],
    why: "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
  },
];

/** An address that others can reach something at. */
export function endpointIp(field: string, text: string): FieldError[] {
  const ip = parseIp(text);
  if (ip === undefined) return [bad(field, text, "must be a valid IP address")];
  if (ip.value === 0n) return [bad(field, text, `may not be unspecified (${text})`)];
  return special.flatMap(({ networks, why }) => {
    const isIn = networks.map(parseNetwork).some((network) => network !== undefined && networkContains(network, ip));
    return isIn ? [bad(field, text, why)] : [];
  });
}
