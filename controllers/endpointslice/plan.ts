import type { Node, Pod, Service } from "../../api/generated/types/core-v1.ts";
import type { Endpoint, EndpointPort } from "../../api/generated/types/discovery-v1.ts";
import { isPodReady, isPodTerminating } from "../../api/core/pod-state.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import type { IpFamily } from "../../api/machinery/ip.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { endpointHostname, hasEndpoint, podAddresses, podReference, targetPortOf } from "../endpoints/pod-endpoint.ts";
import { portsKey } from "./endpoint-slice-key.ts";
import { pack } from "./pack.ts";
import { emptySlice, isOwnedBy, labelsFor, type Slice, unreserved } from "./service-slice.ts";

/** kube-controller-manager's --max-endpoints-per-slice. */
const maxEndpoints = 100;

export interface Observed {
  readonly service: DeepReadonly<Service>;
  readonly pods: readonly DeepReadonly<Pod>[];
  readonly nodeOf: (name: string) => DeepReadonly<Node> | undefined;
  readonly family: IpFamily;
  /** Those of this family that carry the controller's label and are not on their way out. */
  readonly existing: readonly Slice[];
}

export interface SliceChanges {
  readonly create: readonly Slice[];
  readonly update: readonly Slice[];
  readonly delete: readonly Slice[];
  readonly unchanged: readonly Slice[];
}

/** Endpoints that have the same ports. */
interface Group {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: DeepReadonly<Endpoint>[];
}

/** What has to be written for the slices of one family to have each pod once, without hints. */
export function planSlices(observed: Observed): SliceChanges {
  const { service, existing, family } = observed;
  const labels = labelsFor(service);
  const owned = byPorts(existing.filter((slice) => isOwnedBy(slice, service)));
  const groups = groupEndpoints(observed);
  const create: Slice[] = [];
  const update: Slice[] = [];
  const unchanged: Slice[] = [];
  const gone: Slice[] = existing.filter((slice) => !isOwnedBy(slice, service));
  const isStale = (slice: Slice): boolean =>
    !deepEqual(unreserved(slice.metadata?.labels), unreserved(service.metadata?.labels));
  for (const [key, { ports, endpoints }] of groups) {
    const packed = pack(owned.get(key) ?? [], endpoints, { max: maxEndpoints, isStale });
    create.push(...packed.create.map((some) => ({ ...emptySlice(service, family, ports), endpoints: some })));
    update.push(
      ...packed.update.map(({ slice, endpoints: some }) => ({
        ...slice,
        metadata: { ...slice.metadata, labels },
        endpoints: some,
      })),
    );
    gone.push(...packed.delete);
    unchanged.push(...packed.unchanged);
  }
  for (const [key, slices] of owned) if (!groups.has(key)) gone.push(...slices);
  return recycle(withPlaceholder({ create, update, delete: gone, unchanged }, observed), service);
}

function byPorts(slices: readonly Slice[]): Map<string, Slice[]> {
  const groups = new Map<string, Slice[]>();
  for (const slice of slices) {
    const key = portsKey(slice.ports);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [slice]);
    else group.push(slice);
  }
  return groups;
}

/** Pods that cannot be published, since the cluster does not know their node. */
export function podsWithoutNode({ service, pods, nodeOf }: Pick<Observed, "service" | "pods" | "nodeOf">): Misplaced[] {
  if (service.spec?.publishNotReadyAddresses === true) return [];
  return pods
    .filter((pod) => hasEndpoint(pod, { terminating: true }) && nodeOf(pod.spec?.nodeName ?? "") === undefined)
    .map(({ metadata, spec }) => ({ pod: metadata?.name ?? "", node: spec?.nodeName ?? "" }));
}

interface Misplaced {
  readonly pod: string;
  readonly node: string;
}

function groupEndpoints({ service, pods, nodeOf, family }: Observed): Map<string, Group> {
  const groups = new Map<string, Group>();
  const publishAll = service.spec?.publishNotReadyAddresses === true;
  for (const pod of pods) {
    if (!hasEndpoint(pod, { terminating: true })) continue;
    const ports = portsOf(service, pod);
    const key = portsKey(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    groups.set(key, group);
    const node = nodeOf(pod.spec?.nodeName ?? "");
    if (node === undefined && !publishAll) continue;
    const addresses = podAddresses(pod, family);
    if (addresses.length > 0) group.endpoints.push(endpointOf(pod, { service, node, addresses }));
  }
  return groups;
}

function portsOf({ spec }: DeepReadonly<Service>, pod: DeepReadonly<Pod>): EndpointPort[] {
  return (spec?.ports ?? []).flatMap((servicePort) => {
    const port = targetPortOf(pod, servicePort);
    if (port === undefined) return [];
    const { name = "", protocol = "TCP", appProtocol } = servicePort;
    return [{ name, protocol, port, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

interface Place {
  readonly service: DeepReadonly<Service>;
  readonly node: DeepReadonly<Node> | undefined;
  readonly addresses: readonly string[];
}

/** https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions */
function endpointOf(pod: DeepReadonly<Pod>, { service, node, addresses }: Place): DeepReadonly<Endpoint> {
  const serving = isPodReady(pod);
  const terminating = isPodTerminating(pod);
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const nodeName = pod.spec?.nodeName;
  const zone = node?.metadata?.labels?.["topology.kubernetes.io/zone"];
  const hostname = endpointHostname(pod, service);
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: podReference(pod),
    ...(nodeName ? { nodeName } : {}),
    ...(zone ? { zone } : {}),
  };
}

/** A service without endpoints has an empty slice, so that it can be told from one that nobody has looked at. */
function withPlaceholder(changes: SliceChanges, { service, family, existing }: Observed): SliceChanges {
  if (existing.length !== changes.delete.length || changes.create.length > 0) return changes;
  const placeholder = emptySlice(service, family, []);
  const [only, ...more] = changes.delete;
  if (only !== undefined && more.length === 0 && isPlaceholder(only, placeholder, service))
    return { ...changes, delete: [], unchanged: [only] };
  return { ...changes, create: [placeholder] };
}

function isPlaceholder(slice: Slice, placeholder: Slice, service: DeepReadonly<Service>): boolean {
  return (
    isOwnedBy(slice, service) &&
    (slice.endpoints ?? []).length === 0 &&
    (slice.ports ?? []).length === 0 &&
    deepEqual(slice.metadata?.labels ?? {}, placeholder.metadata?.labels)
  );
}

/** What would be deleted is made what would be created: one write instead of two. */
function recycle(changes: SliceChanges, service: DeepReadonly<Service>): SliceChanges {
  const create = [...changes.create];
  const update = [...changes.update];
  const gone = changes.delete.filter((slice) => {
    if (!isOwnedBy(slice, service)) return true;
    const made = create.pop();
    if (made === undefined) return true;
    const { endpoints = [], ports = [] } = made;
    update.push({ ...slice, metadata: { ...slice.metadata, labels: made.metadata?.labels ?? {} }, endpoints, ports });
    return false;
  });
  return { ...changes, create, update, delete: gone };
}
