import type { Service, ServicePort, ServiceSpec } from "../generated/types/core-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import type { WriteContext } from "../resource.ts";
import { externallyAccessible, hasNodePorts, needsClusterIp, needsHealthCheck } from "./service-needs.ts";

type ReadonlySpec = DeepReadonly<ServiceSpec>;

export function prepareNewService(service: Service): void {
  service.status = { loadBalancer: {} };
  const { spec } = service;
  if (spec?.clusterIP && (spec.clusterIPs?.length ?? 0) === 0) spec.clusterIPs = [spec.clusterIP];
}

/**
 * A client that writes back less than it read (an old one, or `kubectl apply`) keeps what was allocated; one that changes
 * the type only need not clear the fields that the new type does not have.
 */
export function prepareChangedService(
  service: Service,
  old: DeepReadonly<Service>,
  { subresource }: WriteContext,
): void {
  const { spec } = service;
  const before = old.spec;
  if (subresource !== "" || spec === undefined || before === undefined) return;
  keepAllocated(spec, before);
  alignClusterIps(spec, before);
  dropWhatTypeLacks(spec, before);
}

function keepAllocated(spec: ServiceSpec, old: ReadonlySpec): void {
  if (needsClusterIp(spec) && needsClusterIp(old)) {
    if (!spec.clusterIP && old.clusterIP) spec.clusterIP = old.clusterIP;
    if (isEmpty(spec.clusterIPs) && old.clusterIPs !== undefined) spec.clusterIPs = [...old.clusterIPs];
    if (isEmpty(spec.ipFamilies) && old.ipFamilies !== undefined) spec.ipFamilies = [...old.ipFamilies];
  }
  if (hasNodePorts(spec) && hasNodePorts(old)) keepNodePorts(spec.ports ?? [], old.ports ?? []);
  if (needsHealthCheck(spec) && needsHealthCheck(old) && !spec.healthCheckNodePort && old.healthCheckNodePort) {
    spec.healthCheckNodePort = old.healthCheckNodePort;
  }
}

/** A port is the same one while it has its name (ports of several must have one), whatever else of it changes. */
function keepNodePorts(ports: ServicePort[], old: readonly DeepReadonly<ServicePort>[]): void {
  const before = new Map(old.map(({ name, nodePort }) => [name ?? "", nodePort]));
  const taken = new Set(ports.map(({ nodePort }) => nodePort));
  for (const port of ports) {
    const kept = before.get(port.name ?? "");
    if (port.nodePort || !kept || taken.has(kept)) continue;
    port.nodePort = kept;
  }
}

/** clusterIP is the first of clusterIPs; a client of before dual-stack knows (and clears) only that one. */
function alignClusterIps(spec: ServiceSpec, old: ReadonlySpec): void {
  const changed = (spec.clusterIP ?? "") !== (old.clusterIP ?? "");
  if (isEmpty(spec.clusterIPs) && !changed && old.clusterIPs !== undefined) spec.clusterIPs = [...old.clusterIPs];
  if (!changed || !semanticEqual(spec.clusterIPs, old.clusterIPs)) return;
  if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP];
  else delete spec.clusterIPs;
}

function isEmpty(list: readonly string[] | undefined): boolean {
  return list === undefined || list.length === 0;
}

/** Only what the writer left as it was is dropped: a value of its own choice is left for validation to refuse. */
function dropWhatTypeLacks(spec: ServiceSpec, old: ReadonlySpec): void {
  const same = (field: keyof ServiceSpec): boolean => semanticEqual(spec[field], old[field]);
  const drop = (field: keyof ServiceSpec): void => {
    if (same(field)) delete spec[field];
  };
  if (needsClusterIp(old) && !needsClusterIp(spec)) {
    if (same("clusterIP") && same("clusterIPs")) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    drop("ipFamilies");
    drop("ipFamilyPolicy");
  }
  if (hasNodePorts(old) && !hasNodePorts(spec) && sameNodePorts(spec, old)) {
    for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (needsHealthCheck(old) && !needsHealthCheck(spec)) drop("healthCheckNodePort");
  if (externallyAccessible(old) && !externallyAccessible(spec)) drop("externalTrafficPolicy");
  if (old.type === "LoadBalancer" && spec.type !== "LoadBalancer") {
    drop("allocateLoadBalancerNodePorts");
    drop("loadBalancerClass");
  }
}

function sameNodePorts(spec: ReadonlySpec, old: ReadonlySpec): boolean {
  const numbers = (ports: ReadonlySpec["ports"]): number[] =>
    (ports ?? []).map(({ nodePort }) => nodePort ?? 0).filter((port) => port !== 0);
  const before = new Set(numbers(old.ports));
  return numbers(spec.ports).every((port) => before.has(port));
}
