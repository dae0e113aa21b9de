import type { Service, ServicePort, ServiceSpec } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, between, duplicate, forbidden, named, required, oneOf } from "../machinery/findings.ts";
import { ipProblems, networkProblems, parseIp } from "../machinery/ip.ts";
import { validateLabels } from "../machinery/label-validation.ts";
import { dnsLabel, dnsSubdomain, labelKey, portNumber } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import type { WriteContext } from "../resource.ts";
import { portNumberOrName } from "./probe-validation.ts";
import { externallyAccessible, isHeadless, needsHealthCheck } from "./service-needs.ts";

type Spec = DeepReadonly<ServiceSpec>;

const onlyLoadBalancers = "may only be used when `type` is 'LoadBalancer'";

/** What allocation fills in later (cluster IPs, node ports, the health check's port) may still be absent here. */
export function validateService({ spec = {} }: DeepReadonly<Service>, { subresource }: WriteContext): FieldError[] {
  if (subresource === "status") return [];
  return [
    ...validateType(spec),
    ...validatePorts(spec),
    ...validateLabels("spec.selector", spec.selector),
    ...validateSessionAffinity(spec),
    ...validateFamilies(spec),
    ...validateClusterIps(spec),
    ...(spec.externalIPs ?? []).flatMap((ip, index) => validateExternalIp(ip, `spec.externalIPs[${index}]`)),
    ...validateLoadBalancer(spec),
    ...validateTraffic(spec),
  ];
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
  if (port.appProtocol) findings.push(...named(`${path}.appProtocol`, port.appProtocol, labelKey(port.appProtocol)));
  return findings;
}

function validateSessionAffinity({ sessionAffinity, sessionAffinityConfig }: Spec): FieldError[] {
  const path = "spec.sessionAffinityConfig";
  if (sessionAffinity === "ClientIP") {
    const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
    if (seconds === undefined) return [required(`${path}.clientIP.timeoutSeconds`)];
    const at = `${path}.clientIP.timeoutSeconds`;
    return seconds > 0 && seconds <= 86_400 ? [] : [bad(at, seconds, "must be greater than 0 and less than 86400")];
  }
  return sessionAffinityConfig === undefined ? [] : [forbidden(path, "must not be set when session affinity is None")];
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
  if (clusterIPs.length === 0) return clusterIP ? [required(path)] : [];
  const findings: FieldError[] = [];
  if (clusterIPs[0] !== clusterIP) findings.push(bad(path, clusterIPs, "first value must match `clusterIP`"));
  if (clusterIPs.length > 2) findings.push(bad(path, clusterIPs, "may only hold up to 2 values"));
  if (clusterIPs.length > 1 && clusterIPs.includes("None"))
    findings.push(bad(`${path}[0]`, clusterIPs, "'None' must be the first and only value"));
  const [first, second] = clusterIPs.map((ip) => parseIp(ip)?.family);
  if (first !== undefined && first === second) {
    findings.push(bad(path, clusterIPs, "may specify no more than one IP for each IP family"));
  }
  for (const [index, ip] of clusterIPs.entries()) {
    if (ip === "None" || ip === "") continue;
    findings.push(...named(`${path}[${index}]`, ip, ipProblems(ip)));
    const family = ipFamilies[index];
    const actual = parseIp(ip)?.family;
    if (family && actual !== undefined && actual !== family) {
      findings.push(
        bad(`${path}[${index}]`, ip, `expected an ${family} value as indicated by \`ipFamilies[${index}]\``),
      );
    }
  }
  return findings;
}

function validateExternalIp(ip: string, path: string): FieldError[] {
  const findings = named(path, ip, ipProblems(ip));
  if (findings.length > 0) return findings;
  if (ip === "0.0.0.0" || ip === "::") return [bad(path, ip, "may not be unspecified (0.0.0.0 or ::)")];
  if (ip.startsWith("127.") || ip === "::1")
    return [bad(path, ip, "may not be in the loopback range (127.0.0.0/8, ::1/128)")];
  if (ip.startsWith("169.254.") || /^fe[89ab]/i.test(ip))
    return [bad(path, ip, "may not be in the link-local range (169.254.0.0/16, fe80::/10)")];
  return [];
}

function validateLoadBalancer(spec: Spec): FieldError[] {
  const findings: FieldError[] = [];
  const isLoadBalancer = spec.type === "LoadBalancer";
  const ranges = spec.loadBalancerSourceRanges ?? [];
  if (ranges.length > 0 && !isLoadBalancer)
    findings.push(forbidden("spec.LoadBalancerSourceRanges", onlyLoadBalancers));
  for (const [index, range] of ranges.entries()) {
    findings.push(...named(`spec.LoadBalancerSourceRanges[${index}]`, range, networkProblems(range.trim())));
  }
  if (spec.allocateLoadBalancerNodePorts !== undefined && !isLoadBalancer) {
    findings.push(forbidden("spec.allocateLoadBalancerNodePorts", onlyLoadBalancers));
  }
  if (spec.loadBalancerClass !== undefined) {
    if (!isLoadBalancer) findings.push(forbidden("spec.loadBalancerClass", onlyLoadBalancers));
    findings.push(...named("spec.loadBalancerClass", spec.loadBalancerClass, labelKey(spec.loadBalancerClass)));
  }
  return findings;
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
