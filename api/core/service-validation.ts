import type { LoadBalancerIngress, Service, ServicePort, ServiceSpec } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, between, duplicate, forbidden, named, required, oneOf } from "../machinery/findings.ts";
import { ipProblems, networkProblems, parseIp } from "../machinery/ip.ts";
import { validateLabels } from "../machinery/label-validation.ts";
import { getOwn } from "../machinery/members.ts";
import { dnsLabel, dnsSubdomain, labelKey, portNumber } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import type { WriteContext } from "../resource.ts";
import { endpointIp } from "./endpoint-validation.ts";
import { portNumberOrName } from "./probe-validation.ts";
import { externallyAccessible, isHeadless, needsHealthCheck } from "./service-needs.ts";

type Spec = DeepReadonly<ServiceSpec>;

const onlyLoadBalancers = "may only be used when `type` is 'LoadBalancer'";

/** What allocation fills in later (cluster IPs, node ports, the health check's port) may still be absent here. */
export function validateService(service: DeepReadonly<Service>, { subresource }: WriteContext): FieldError[] {
  const { spec = {}, status } = service;
  if (subresource === "status") return validateBalanced(status?.loadBalancer?.ingress ?? [], spec);
  return [
    ...validateTopology(service),
    ...validateType(spec),
    ...validatePorts(spec),
    ...validateLabels("spec.selector", spec.selector),
    ...validateSessionAffinity(spec),
    ...(spec.type === "ExternalName" ? [] : [...validateFamilies(spec), ...validateClusterIps(spec)]),
    ...(spec.externalIPs ?? []).flatMap((ip, index) => validateExternalIp(ip, `spec.externalIPs[${index}]`)),
    ...validateLoadBalancer(service),
    ...validateTraffic(spec),
  ];
}

const topologyHints = "service.kubernetes.io/topology-aware-hints";
const topologyMode = "service.kubernetes.io/topology-mode";

/** The older of the two must not contradict the newer. */
function validateTopology({ metadata }: DeepReadonly<Service>): FieldError[] {
  const { [topologyHints]: hints, [topologyMode]: mode } = metadata?.annotations ?? {};
  if (mode === undefined || hints === undefined || mode === hints) return [];
  const why = `must match annotations[${topologyHints}] when both are specified`;
  return [bad(`metadata.annotations[${topologyMode}]`, mode, why)];
}

function validateType(spec: Spec): FieldError[] {
  const findings: FieldError[] = [];
  const headless = isHeadless(spec);
  if ((spec.ports?.length ?? 0) === 0 && !headless && spec.type !== "ExternalName")
    findings.push(required("spec.ports"));
  if (headless && (spec.type === "LoadBalancer" || spec.type === "NodePort")) {
    findings.push(bad("spec.clusterIPs[0]", "None", `may not be set to 'None' for ${spec.type} services`));
  }
  if (spec.type !== "ExternalName") return findings;
  for (const field of ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] as const) {
    if ((spec[field]?.length ?? 0) > 0)
      findings.push(forbidden(`spec.${field}`, "may not be set for ExternalName services"));
  }
  const host = (spec.externalName ?? "").replace(/\.$/, "");
  return [
    ...findings,
    ...(host === "" ? [required("spec.externalName")] : named("spec.externalName", host, dnsSubdomain(host))),
  ];
}

function validatePorts(spec: Spec): FieldError[] {
  const ports = spec.ports ?? [];
  const names = new Set<string>();
  const findings = ports.flatMap((port, index) => validatePort(port, ports.length > 1, names, `spec.ports[${index}]`));
  const nodePorts = new Set<string>();
  const numbers = new Set<string>();
  for (const [index, { port, nodePort, protocol = "TCP" }] of ports.entries()) {
    const at = `spec.ports[${index}]`;
    if (nodePort) {
      if (spec.type === "ClusterIP")
        findings.push(forbidden(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
      if (nodePorts.has(`${protocol}/${nodePort}`)) findings.push(duplicate(`${at}.nodePort`, nodePort));
      nodePorts.add(`${protocol}/${nodePort}`);
    }
    if (numbers.has(`${protocol}/${port}`)) {
      // Upstream prints its internal type, whose members have Go's names.
      findings.push(
        duplicate(at, { Name: "", Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 }),
      );
    }
    numbers.add(`${protocol}/${port}`);
  }
  return findings;
}

function validatePort(
  port: DeepReadonly<ServicePort>,
  needsName: boolean,
  names: Set<string>,
  path: string,
): FieldError[] {
  const findings: FieldError[] = [];
  if (port.name) {
    findings.push(...named(`${path}.name`, port.name, dnsLabel(port.name)));
    if (names.has(port.name)) findings.push(duplicate(`${path}.name`, port.name));
    names.add(port.name);
  } else if (needsName) {
    findings.push(required(`${path}.name`));
  }
  findings.push(...named(`${path}.port`, port.port ?? 0, portNumber(port.port ?? 0)));
  if (port.targetPort !== undefined) findings.push(...portNumberOrName(`${path}.targetPort`, port.targetPort));
  if (port.appProtocol !== undefined)
    findings.push(...named(`${path}.appProtocol`, port.appProtocol, labelKey(port.appProtocol)));
  return findings;
}

const longestAffinity = 86_400;

function validateSessionAffinity({ sessionAffinity, sessionAffinityConfig }: Spec): FieldError[] {
  const path = "spec.sessionAffinityConfig";
  if (sessionAffinity !== "ClientIP") {
    const why = "must not be set when session affinity is None";
    return sessionAffinityConfig === undefined ? [] : [forbidden(path, why)];
  }
  const { clientIP } = sessionAffinityConfig ?? {};
  const seconds = clientIP?.timeoutSeconds;
  const missing = "when session affinity type is ClientIP";
  if (sessionAffinityConfig === undefined) return [required(path, missing)];
  if (clientIP === undefined) return [required(`${path}.clientIP`, missing)];
  const at = `${path}.clientIP.timeoutSeconds`;
  if (seconds === undefined) return [required(at, missing)];
  const fits = seconds > 0 && seconds <= longestAffinity;
  return fits ? [] : [bad(at, seconds, `must be greater than 0 and less than ${longestAffinity}`)];
}

const families = ["IPv4", "IPv6"];

function validateFamilies({ ipFamilies = [] }: Spec): FieldError[] {
  return ipFamilies.flatMap((family, index) => {
    const path = `spec.ipFamilies[${index}]`;
    const findings = oneOf(path, family, families);
    return ipFamilies.indexOf(family) < index ? [...findings, duplicate(path, family)] : findings;
  });
}

function validateClusterIps({ clusterIP, clusterIPs = [], ipFamilies = [] }: Spec): FieldError[] {
  const path = "spec.clusterIPs";
  const [first] = clusterIPs;
  if (first === undefined) return clusterIP ? [required(path)] : [];
  const findings: FieldError[] = [];
  if (!clusterIP) findings.push(bad(path, clusterIPs, "must be empty when `clusterIP` is not specified"));
  else if (first !== clusterIP) findings.push(bad(path, clusterIPs, "first value must match `clusterIP`"));
  const isHeadlessOnly = first === "None" && clusterIPs.length === 1;
  const invalid = isHeadlessOnly ? [] : validateAddresses(clusterIPs, path);
  findings.push(...invalid);
  if (clusterIPs.length > 2) findings.push(bad(path, clusterIPs, "may only hold up to 2 values"));
  // Bad addresses have no family.
  if (invalid.length > 0 || isHeadlessOnly) return findings;
  const families = clusterIPs.map((ip) => parseIp(ip)?.family);
  if (clusterIPs.length > 1 && new Set(families).size < clusterIPs.length)
    findings.push(bad(path, clusterIPs, "may specify no more than one IP for each IP family"));
  for (const [index, family] of families.entries()) {
    const wanted = ipFamilies[index];
    if (wanted === undefined || wanted === family) continue;
    const why = `expected an ${wanted} value as indicated by \`ipFamilies[${index}]\``;
    findings.push(bad(`${path}[${index}]`, clusterIPs[index], why));
  }
  return findings;
}

function validateAddresses(clusterIPs: readonly string[], path: string): FieldError[] {
  return clusterIPs.flatMap((ip, index) =>
    index === 0 && ip === "None"
      ? [bad(path, clusterIPs, "'None' must be the first and only value")]
      : named(`${path}[${index}]`, ip, ipProblems(ip)),
  );
}

function validateExternalIp(ip: string, path: string): FieldError[] {
  const findings = named(path, ip, ipProblems(ip));
  return findings.length > 0 ? findings : endpointIp(path, ip);
}

const rangesAnnotation = "service.beta.kubernetes.io/load-balancer-source-ranges";

function validateLoadBalancer({ metadata, spec = {} }: DeepReadonly<Service>): FieldError[] {
  const isLoadBalancer = spec.type === "LoadBalancer";
  const findings: FieldError[] = [];
  const annotation = getOwn(metadata?.annotations ?? {}, rangesAnnotation);
  const ranges = spec.loadBalancerSourceRanges ?? [];
  const only = (field: string, isSet: boolean): FieldError[] =>
    isSet && !isLoadBalancer ? [forbidden(field, onlyLoadBalancers)] : [];
  findings.push(...only("spec.LoadBalancerSourceRanges", ranges.length > 0));
  for (const [index, range] of ranges.entries())
    findings.push(...network(`spec.LoadBalancerSourceRanges[${index}]`, range));
  // The field goes before the annotation.
  if (annotation !== undefined && ranges.length === 0) {
    const field = `metadata.annotations[${rangesAnnotation}]`;
    findings.push(...only(field, true));
    const given = annotation.trim() === "" ? [] : annotation.split(",");
    findings.push(...given.flatMap((range) => network(field, range)));
  }
  const { loadBalancerClass: name, allocateLoadBalancerNodePorts: allocates } = spec;
  findings.push(...only("spec.allocateLoadBalancerNodePorts", allocates !== undefined));
  findings.push(...only("spec.loadBalancerClass", name !== undefined));
  if (name !== undefined && isLoadBalancer) findings.push(...named("spec.loadBalancerClass", name, labelKey(name)));
  return findings;
}

/** Spaces around it have always been let through. */
function network(field: string, text: string): FieldError[] {
  return named(field, text.trim(), networkProblems(text.trim()));
}

/** What a load balancer may be reached by. */
function validateBalanced(ingress: readonly DeepReadonly<LoadBalancerIngress>[], { type }: Spec): FieldError[] {
  const path = "status.loadBalancer.ingress";
  if (type !== "LoadBalancer" && ingress.length > 0)
    return [forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  return ingress.flatMap(({ ip, ipMode, hostname }, index) => {
    const at = `${path}[${index}]`;
    const findings = ip ? named(`${at}.ip`, ip, ipProblems(ip)) : [];
    if (ip && ipMode === undefined) findings.push(required(`${at}.ipMode`, "must be specified when `ip` is set"));
    if (!ip && ipMode !== undefined)
      findings.push(forbidden(`${at}.ipMode`, "may not be specified when `ip` is not set"));
    else findings.push(...oneOf(`${at}.ipMode`, ipMode, ["VIP", "Proxy"]));
    if (!hostname) return findings;
    findings.push(...named(`${at}.hostname`, hostname, dnsSubdomain(hostname)));
    if (parseIp(hostname) !== undefined)
      findings.push(bad(`${at}.hostname`, hostname, "must be a DNS name, not an IP address"));
    return findings;
  });
}

const distributions = ["PreferClose", "PreferSameNode", "PreferSameZone"];

function validateTraffic(spec: Spec): FieldError[] {
  const findings: FieldError[] = [];
  if (spec.externalTrafficPolicy && !externallyAccessible(spec)) {
    findings.push(
      bad(
        "spec.externalTrafficPolicy",
        spec.externalTrafficPolicy,
        "may only be set for externally-accessible services",
      ),
    );
  }
  if (spec.healthCheckNodePort && !needsHealthCheck(spec)) {
    const why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    findings.push(bad("spec.healthCheckNodePort", spec.healthCheckNodePort, why));
  } else if (spec.healthCheckNodePort) {
    findings.push(...between("spec.healthCheckNodePort", spec.healthCheckNodePort, 1, 65_535));
  }
  return [...findings, ...oneOf("spec.trafficDistribution", spec.trafficDistribution, distributions)];
}
