import type { ServiceSpec } from "../generated/types/core-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";

type Spec = DeepReadonly<ServiceSpec> | undefined;

/** Which of the things that a cluster hands out a service of its type takes. */
export function needsClusterIp(spec: Spec): boolean {
  return spec !== undefined && spec.type !== "ExternalName";
}

/** Ports on the nodes may be asked for, even where none are handed out by themselves. */
export function hasNodePorts(spec: Spec): boolean {
  return spec?.type === "NodePort" || spec?.type === "LoadBalancer";
}

export function needsNodePorts(spec: Spec): boolean {
  if (spec?.type === "NodePort") return true;
  return spec?.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false;
}

export function needsHealthCheck(spec: Spec): boolean {
  return spec?.type === "LoadBalancer" && spec.externalTrafficPolicy === "Local";
}

export function externallyAccessible(spec: Spec): boolean {
  const { type, externalIPs = [] } = spec ?? {};
  return type === "LoadBalancer" || type === "NodePort" || (type === "ClusterIP" && externalIPs.length > 0);
}

export function isHeadless(spec: Spec): boolean {
  return (spec?.clusterIPs?.[0] ?? spec?.clusterIP) === "None";
}
