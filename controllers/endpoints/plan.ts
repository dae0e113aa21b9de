import type {
  EndpointAddress,
  EndpointPort,
  Endpoints,
  Pod,
  Service,
  ServicePort,
} from "../../api/generated/types/core-v1.ts";
import { isPodReady } from "../../api/core/pod-state.ts";
import { deepEqual, semanticEqual } from "../../api/machinery/equal.ts";
import { type IpFamily, parseIp } from "../../api/machinery/ip.ts";
import type { Labels } from "../../api/machinery/labels.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import {
  endpointHostname,
  hasEndpoint,
  headlessLabel,
  isHeadless,
  podAddresses,
  podReference,
  targetPortOf,
} from "./pod-endpoint.ts";
import { repackSubsets, type Subset } from "./repack.ts";
import { withTriggerTime } from "./trigger-times.ts";
import { overCapacityAnnotation, truncateSubsets } from "./truncate.ts";

const managedBy = { "endpoints.kubernetes.io/managed-by": "endpoint-controller" };

export interface Observed {
  readonly service: DeepReadonly<Service>;
  readonly pods: readonly DeepReadonly<Pod>[];
  readonly current: DeepReadonly<Endpoints> | undefined;
  /** What the change goes back to. */
  readonly triggerTime: string | undefined;
}

/** The Endpoints of a service with a selector; undefined where they are right as they are. */
export function planEndpoints({ service, pods, current, triggerTime }: Observed): DeepReadonly<Endpoints> | undefined {
  const all = repackSubsets(pods.flatMap((pod) => podSubsets(service, pod)));
  const fitting = truncateSubsets(all);
  const subsets = fitting ?? all;
  const labels = labelsFor(service);
  const mark = fitting === undefined ? undefined : "truncated";
  if (current !== undefined && isRight(current, { labels, mark, subsets })) return undefined;
  const { [overCapacityAnnotation]: _, ...others } = current?.metadata?.annotations ?? {};
  const annotations = withTriggerTime(others, triggerTime);
  if (mark !== undefined) annotations[overCapacityAnnotation] = mark;
  return { ...current, metadata: { ...(current?.metadata ?? nameOf(service)), labels, annotations }, subsets };
}

interface Wanted {
  readonly labels: Labels;
  readonly mark: string | undefined;
  readonly subsets: readonly Subset[];
}

function isRight({ metadata, subsets }: DeepReadonly<Endpoints>, wanted: Wanted): boolean {
  return (
    metadata?.annotations?.[overCapacityAnnotation] === wanted.mark &&
    deepEqual(metadata?.labels ?? {}, wanted.labels) &&
    isSame(subsets ?? [], wanted.subsets)
  );
}

/** Somebody else's order of the same subsets is as good. */
function isSame(current: readonly Subset[], subsets: readonly Subset[]): boolean {
  return semanticEqual(current, subsets) || semanticEqual(repackSubsets(current), repackSubsets(subsets));
}

function labelsFor(service: DeepReadonly<Service>): Record<string, string> {
  const { [headlessLabel]: _, ...others } = service.metadata?.labels ?? {};
  return { ...others, ...(isHeadless(service) ? { [headlessLabel]: "" } : {}), ...managedBy };
}

/** One subset per port. */
function podSubsets(service: DeepReadonly<Service>, pod: DeepReadonly<Pod>): Subset[] {
  const { spec } = service;
  const publishAll = spec?.publishNotReadyAddresses === true;
  if (!hasEndpoint(pod, { terminating: publishAll })) return [];
  const address = addressOf(service, pod);
  if (address === undefined) return [];
  const reached = publishAll || isPodReady(pod) ? { addresses: [address] } : { notReadyAddresses: [address] };
  const servicePorts = spec?.ports ?? [];
  if (servicePorts.length === 0) return isHeadless(service) ? [reached] : [];
  return servicePorts.flatMap((servicePort) => {
    const port = targetPortOf(pod, servicePort);
    if (port === undefined) return [];
    return [{ ...reached, ports: [portOf(servicePort, port)] }];
  });
}

function portOf({ name, protocol, appProtocol }: DeepReadonly<ServicePort>, port: number): EndpointPort {
  return {
    ...(name === undefined ? {} : { name }),
    port,
    ...(protocol === undefined ? {} : { protocol }),
    ...(appProtocol === undefined ? {} : { appProtocol }),
  };
}

function addressOf(service: DeepReadonly<Service>, pod: DeepReadonly<Pod>): DeepReadonly<EndpointAddress> | undefined {
  const [ip] = podAddresses(pod, familyOf(service, pod));
  if (ip === undefined) return undefined;
  const hostname = endpointHostname(pod, service);
  const nodeName = pod.spec?.nodeName;
  return {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName ? { nodeName } : {}),
    targetRef: podReference(pod),
  };
}

/** The first of the service, which alone Endpoints know. */
function familyOf({ spec }: DeepReadonly<Service>, { status }: DeepReadonly<Pod>): IpFamily {
  const [first] = spec?.ipFamilies ?? [];
  if (first !== undefined) return first === "IPv6" ? "IPv6" : "IPv4";
  const hint = spec?.clusterIP && spec.clusterIP !== "None" ? spec.clusterIP : status?.podIP;
  return parseIp(hint ?? "")?.family ?? "IPv4";
}

function nameOf({ metadata }: DeepReadonly<Service>): { readonly namespace: string; readonly name: string } {
  return { namespace: metadata?.namespace ?? "", name: metadata?.name ?? "" };
}
