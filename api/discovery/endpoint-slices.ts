import type { Endpoint, EndpointPort, EndpointSlice } from "../generated/types/discovery-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, immutable, named, required, tooMany } from "../machinery/findings.ts";
import { ipProblems, parseIp } from "../machinery/ip.ts";
import { addressWarnings } from "../machinery/ip-warnings.ts";
import { validateLabels } from "../machinery/label-validation.ts";
import { dnsLabel, dnsSubdomain, labelKey, labelValue } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { listWithMore } from "../machinery/printing/cells.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateEndpointAddress } from "./endpoint-address.ts";

export const endpointSlices: ResourceRow = defineResource<EndpointSlice>({
  group: "discovery.k8s.io",
  version: "v1",
  kind: "EndpointSlice",
  plural: "endpointslices",
  scope: "Namespaced",
  definition: "io.k8s.api.discovery.v1.EndpointSlice",
  storageVersionHash: "qgS0xkrxYAI=",
  generation: ({ metadata, addressType, endpoints, ports }) => [addressType, endpoints, ports, metadata?.labels],
  unconditionalUpdate: true,
  validate,
  warn: warnings,
  validateUpdate: (slice, old) => immutable("addressType", slice.addressType, old.addressType),
  table: {
    columns: [
      nameColumn,
      { name: "AddressType", type: "string", description: "IPv4, IPv6 or FQDN." },
      { name: "Ports", type: "string", description: "Ports of every endpoint." },
      { name: "Endpoints", type: "string", description: "Addresses of the endpoints." },
      ageColumn,
    ],
    cells: ({ metadata, addressType, ports, endpoints }, { now }) => [
      metadata?.name ?? "",
      addressType ?? "",
      some((ports ?? []).map(({ port, name }) => (port === undefined ? (name ?? "*") : String(port)))),
      some((endpoints ?? []).flatMap(({ addresses }) => addresses ?? [])),
      age(metadata?.creationTimestamp, now),
    ],
  },
});

function some(texts: readonly string[]): string {
  return listWithMore(texts.slice(0, 3), texts.length) || "<unset>";
}

const most = { endpoints: 1000, ports: 20_000, addresses: 100, topology: 16, hints: 8 };

function validate(slice: DeepReadonly<EndpointSlice>): FieldError[] {
  const { addressType } = slice;
  // Go writes a list that was not given as null, so a default in the pattern would miss it.
  const endpoints = slice.endpoints ?? [];
  const ports = slice.ports ?? [];
  const findings: FieldError[] = addressType ? [] : [required("addressType")];
  if (endpoints.length > most.endpoints) return [...findings, tooMany("endpoints", endpoints.length, most.endpoints)];
  if (ports.length > most.ports) return [...findings, tooMany("ports", ports.length, most.ports)];
  for (const [index, endpoint] of endpoints.entries()) {
    findings.push(...validateEndpoint(endpoint, addressType, `endpoints[${index}]`));
  }
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) findings.push(...validatePort(port, names, `ports[${index}]`));
  return findings;
}

function validateEndpoint(endpoint: DeepReadonly<Endpoint>, addressType: string, path: string): FieldError[] {
  const { hostname, nodeName } = endpoint;
  const addresses = endpoint.addresses ?? [];
  const findings: FieldError[] = [];
  if (addresses.length === 0) findings.push(required(`${path}.addresses`, "must contain at least 1 address"));
  if (addresses.length > most.addresses) findings.push(tooMany(`${path}.addresses`, addresses.length, most.addresses));
  for (const [index, address] of addresses.slice(0, most.addresses).entries()) {
    const at = `${path}.addresses[${index}]`;
    if (addressType === "FQDN") findings.push(...named(at, address, dnsSubdomain(address)));
    else if (addressType === "IPv4" || addressType === "IPv6")
      findings.push(...validateIp(address, addressType, `${path}.addresses`, index));
  }
  const topology = endpoint.deprecatedTopology ?? {};
  const topologyPath = `${path}.deprecatedTopology`;
  const labels = Object.keys(topology).length;
  if (labels > most.topology) findings.push(tooMany(topologyPath, labels, most.topology));
  findings.push(...validateLabels(topologyPath, topology));
  if (hostname) findings.push(...named(`${path}.hostname`, hostname, dnsLabel(hostname)));
  if (nodeName) findings.push(...named(`${path}.nodeName`, nodeName, dnsSubdomain(nodeName)));
  findings.push(...validateHints(endpoint.hints?.forZones ?? [], `${path}.hints.forZones`, labelValue));
  findings.push(...validateHints(endpoint.hints?.forNodes ?? [], `${path}.hints.forNodes`, dnsSubdomain));
  return findings;
}

function validateIp(address: string, family: "IPv4" | "IPv6", path: string, index: number): FieldError[] {
  const at = `${path}[${index}]`;
  const problems = ipProblems(address);
  if (problems.length > 0) return named(at, address, problems);
  // Upstream names the list here.
  const other = parseIp(address)?.family === family ? [] : [bad(path, address, `must be an ${family} address`)];
  return [...other, ...validateEndpointAddress(address, at)];
}

/** Where the endpoint should be used. */
function validateHints(
  hints: readonly { readonly name: string }[],
  path: string,
  rule: (name: string) => readonly string[],
): FieldError[] {
  if (hints.length > most.hints) return [tooMany(path, hints.length, most.hints)];
  const seen = new Set<string>();
  return hints.flatMap(({ name }, index) => {
    const at = `${path}[${index}].name`;
    const twice = seen.has(name) ? [duplicate(at, name)] : [];
    seen.add(name);
    return [...twice, ...named(at, name, rule(name))];
  });
}

function warnings({ addressType, endpoints }: DeepReadonly<EndpointSlice>): readonly string[] {
  return [
    ...(addressType === "FQDN" ? ["addressType: FQDN endpoints are deprecated"] : []),
    ...(endpoints ?? []).flatMap(({ addresses }, index) =>
      (addresses ?? []).flatMap((address, at) => addressWarnings(address, `endpoints[${index}].addresses[${at}]`)),
    ),
  ];
}

function validatePort(
  { name = "", appProtocol }: DeepReadonly<EndpointPort>,
  names: Set<string>,
  path: string,
): FieldError[] {
  const findings = name === "" ? [] : named(`${path}.name`, name, dnsLabel(name));
  if (names.has(name)) findings.push(duplicate(`${path}.name`, name));
  names.add(name);
  if (appProtocol) findings.push(...named(`${path}.appProtocol`, appProtocol, labelKey(appProtocol)));
  return findings;
}
