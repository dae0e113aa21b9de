import type { DeepReadonly } from "../machinery/object.ts";
import type { Service, ServicePort, ServiceSpec } from "../generated/types/core-v1.ts";
import type { WriteContext } from "../resource.ts";
import { semanticEqual } from "./semantic-equal.ts";
import { externallyAccessible, needsClusterIp, needsHealthCheck, needsNodePorts } from "./service-needs.ts";

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
  alignClusterIps(spec, before);
  keepAllocated(spec, before);
  dropWhatTypeLacks(spec, before);
}

/** clusterIP is the first of clusterIPs; a client may have changed only one of them. */
function alignClusterIps(spec: ServiceSpec, old: ReadonlySpec): void {
  const sameList = semanticEqual(spec.clusterIPs, old.clusterIPs);
  const sameOne = (spec.clusterIP ?? "") === (old.clusterIP ?? "");
  if (!sameOne && sameList) {
    if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP];
    else delete spec.clusterIPs;
  } else if (sameOne && !sameList && (spec.clusterIPs?.length ?? 0) === 0) {
    delete spec.clusterIP;
  }
}

function keepAllocated(spec: ServiceSpec, old: ReadonlySpec): void {
  if (needsClusterIp(spec) && needsClusterIp(old)) {
    if (!spec.clusterIP && old.clusterIP) spec.clusterIP = old.clusterIP;
    if ((spec.clusterIPs?.length ?? 0) === 0 && spec.clusterIP === old.clusterIP && old.clusterIPs !== undefined)
      spec.clusterIPs = [...old.clusterIPs];
  }
  if (needsNodePorts(spec) && needsNodePorts(old)) keepNodePorts(spec.ports ?? [], old.ports ?? []);
  if (needsHealthCheck(spec) && needsHealthCheck(old) && !spec.healthCheckNodePort && old.healthCheckNodePort) {
    spec.healthCheckNodePort = old.healthCheckNodePort;
  }
}

function keepNodePorts(ports: ServicePort[], old: readonly DeepReadonly<ServicePort>[]): void {
  const key = ({ protocol, port }: DeepReadonly<ServicePort>): string => `${protocol ?? "TCP"}/${port}`;
  const before = new Map(old.map((port) => [key(port), port.nodePort]));
  const taken = new Set(ports.map(({ nodePort }) => nodePort));
  for (const port of ports) {
    const kept = before.get(key(port));
    if (port.nodePort || !kept || taken.has(kept)) continue;
    port.nodePort = kept;
    taken.add(kept);
  }
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
  if (needsNodePorts(old) && !needsNodePorts(spec) && sameNodePorts(spec, old)) {
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
