/** What of a pod makes the endpoints of a service. */
import type { ObjectReference, Pod, Service, ServicePort } from "../../api/generated/types/core-v1.ts";
import { isPodTerminal, isPodTerminating } from "../../api/core/pod-state.ts";
import { formatIp, type IpFamily, parseIp } from "../../api/machinery/ip.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

/** Whether it can be reached, or will be: pods that have ended, and those without an address yet, are no endpoints. */
export function hasEndpoint(pod: DeepReadonly<Pod>, options: { readonly terminating: boolean }): boolean {
  if (isPodTerminal(pod)) return false;
  if (!options.terminating && isPodTerminating(pod)) return false;
  return Boolean(pod.status?.podIP) || (pod.status?.podIPs ?? []).length > 0;
}

/** Its addresses of one family, in canonical form. */
export function podAddresses({ status }: DeepReadonly<Pod>, family: IpFamily): string[] {
  return (status?.podIPs ?? []).flatMap(({ ip: text }) => {
    const ip = parseIp(text);
    return ip?.family === family ? [formatIp(ip)] : [];
  });
}

/** The name that DNS knows it by, for a pod whose subdomain is the service. */
export function endpointHostname({ spec }: DeepReadonly<Pod>, service: DeepReadonly<Service>): string | undefined {
  return spec?.hostname && spec.subdomain === service.metadata?.name ? spec.hostname : undefined;
}

/** The number of a service's port on this pod; undefined where no container has a port of the name. */
export function targetPortOf({ spec }: DeepReadonly<Pod>, port: DeepReadonly<ServicePort>): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === "number") return target;
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  return [...(spec?.containers ?? []), ...sidecars]
    .flatMap(({ ports = [] }) => ports)
    .find(({ name, protocol }) => name === target && (protocol ?? "TCP") === (port.protocol ?? "TCP"))?.containerPort;
}

export function podReference({ metadata }: DeepReadonly<Pod>): ObjectReference {
  const { namespace = "", name = "", uid = "" } = metadata ?? {};
  return { kind: "Pod", namespace, name, uid };
}

/** No address that all of the service is reached by. */
export function isHeadless({ spec }: DeepReadonly<Service>): boolean {
  return spec?.clusterIP === undefined || spec.clusterIP === "" || spec.clusterIP === "None";
}

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#servicekubernetesioheadless */
export const headlessLabel = "service.kubernetes.io/headless";
