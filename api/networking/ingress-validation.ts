import type {
  HTTPIngressPath,
  IngressBackend,
  IngressRule,
  IngressSpec,
  IngressStatus,
} from "../generated/types/networking-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, named, required, requiredName } from "../machinery/findings.ts";
import { ipProblems, parseIp } from "../machinery/ip.ts";
import {
  dns1035Label,
  dnsLabel,
  dnsSubdomain,
  pathSegment,
  portName,
  portNumber,
  wildcardDnsSubdomain,
} from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";

export function validateIngressSpec(spec: DeepReadonly<IngressSpec>): FieldError[] {
  const rules = spec.rules ?? [];
  const findings: FieldError[] = [];
  if (rules.length === 0 && spec.defaultBackend === undefined) {
    findings.push(bad("spec", spec.rules ?? null, "either `defaultBackend` or `rules` must be specified"));
  }
  if (spec.defaultBackend !== undefined) findings.push(...validateBackend(spec.defaultBackend, "spec.defaultBackend"));
  for (const [index, rule] of rules.entries()) findings.push(...validateRule(rule, `spec.rules[${index}]`));
  for (const [index, { hosts, secretName }] of (spec.tls ?? []).entries()) {
    for (const [hostIndex, host] of (hosts ?? []).entries())
      findings.push(...validateHost(host, `spec.tls[${index}].hosts[${hostIndex}]`));
    if (secretName) findings.push(...named(`spec.tls[${index}].secretName`, secretName, dnsSubdomain(secretName)));
  }
  if (spec.ingressClassName !== undefined)
    findings.push(...named("spec.ingressClassName", spec.ingressClassName, dnsSubdomain(spec.ingressClassName)));
  return findings;
}

function validateHost(host: string, path: string): FieldError[] {
  return named(path, host, host.includes("*") ? wildcardDnsSubdomain(host) : dnsSubdomain(host));
}

function validateRule({ host, http }: DeepReadonly<IngressRule>, path: string): FieldError[] {
  const findings: FieldError[] = [];
  if (host && parseIp(host) !== undefined)
    findings.push(bad(`${path}.host`, host, "must be a DNS name, not an IP address"));
  if (host) findings.push(...validateHost(host, `${path}.host`));
  if (http === undefined) return findings;
  if ((http.paths?.length ?? 0) === 0) findings.push(required(`${path}.http.paths`));
  return [
    ...findings,
    ...(http.paths ?? []).flatMap((one, index) => validatePath(one, `${path}.http.paths[${index}]`)),
  ];
}

const forbiddenParts = ["//", "/./", "/../", "%2f", "%2F"];
const forbiddenEnds = ["/..", "/."];

function validatePath({ path = "", pathType, backend }: DeepReadonly<HTTPIngressPath>, at: string): FieldError[] {
  if (!pathType) return [required(`${at}.pathType`, "pathType must be specified")];
  const findings: FieldError[] = [];
  const mustBeAbsolute = path !== "" || pathType === "Exact" || pathType === "Prefix";
  if (mustBeAbsolute && !path.startsWith("/")) findings.push(bad(`${at}.path`, path, "must be an absolute path"));
  if (pathType === "Exact" || pathType === "Prefix") {
    for (const part of forbiddenParts)
      if (path.includes(part)) findings.push(bad(`${at}.path`, path, `must not contain '${part}'`));
    for (const end of forbiddenEnds)
      if (path.endsWith(end)) findings.push(bad(`${at}.path`, path, `cannot end with '${end}'`));
  }
  return [...findings, ...validateBackend(backend ?? {}, `${at}.backend`)];
}

function validateBackend({ service, resource }: DeepReadonly<IngressBackend>, path: string): FieldError[] {
  if (service !== undefined && resource !== undefined)
    return [bad(path, "", "cannot set both resource and service backends")];
  if (resource !== undefined) {
    const { apiGroup, kind, name } = resource;
    // An unset group is written as null.
    return [
      ...(typeof apiGroup !== "string" ? [] : named(`${path}.resource.apiGroup`, apiGroup, dnsSubdomain(apiGroup))),
      ...requiredName(`${path}.resource.kind`, kind, pathSegment),
      ...requiredName(`${path}.resource.name`, name, pathSegment),
    ];
  }
  if (service === undefined) return [bad(path, "", "resource or service backend is required")];
  const findings = service.name
    ? named(`${path}.service.name`, service.name, serviceName(service.name))
    : [required(`${path}.service.name`)];
  const { name = "", number = 0 } = service.port ?? {};
  if (name !== "" && number !== 0) findings.push(bad(path, "", "cannot set both port name & port number"));
  else if (name !== "") findings.push(...named(`${path}.service.port.name`, name, portName(name)));
  else if (number !== 0) findings.push(...named(`${path}.service.port.number`, number, portNumber(number)));
  else findings.push(required(path, "port name or number is required"));
  return findings;
}

/** Names of services may begin with a digit now; for those that do not, the older rule has the better message. */
function serviceName(name: string): readonly string[] {
  return dnsLabel(name).length === 0 ? [] : dns1035Label(name);
}

/** Where load balancers can be reached; an address that was there before a rule came may stay. */
export function validateIngressStatus(
  status: DeepReadonly<IngressStatus> | undefined,
  old: DeepReadonly<IngressStatus> | undefined,
): FieldError[] {
  const kept = new Set((old?.loadBalancer?.ingress ?? []).map(({ ip }) => ip));
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }, index) => {
    const path = `status.loadBalancer.ingress[${index}]`;
    const findings = !ip || kept.has(ip) ? [] : named(`${path}.ip`, ip, ipProblems(ip));
    if (!hostname) return findings;
    findings.push(...named(`${path}.hostname`, hostname, dnsSubdomain(hostname)));
    if (parseIp(hostname) !== undefined)
      findings.push(bad(`${path}.hostname`, hostname, "must be a DNS name, not an IP address"));
    return findings;
  });
}
