import type { EndpointAddress, Endpoints } from "../../api/generated/types/core-v1.ts";
import type { Endpoint, EndpointPort } from "../../api/generated/types/discovery-v1.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import { formatIp, type IpFamily, parseIp } from "../../api/machinery/ip.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { controllerReference } from "../../api/machinery/owners.ts";
import { endpoints as endpointsType } from "../../client/resource-types.ts";
import { repackSubsets, type Subset } from "../endpoints/repack.ts";
import { triggerTimeAnnotation } from "../endpoints/trigger-times.ts";
import { endpointKey, isSameEndpoint, portsKey } from "../endpointslice/endpoint-slice-key.ts";
import { managedByLabel, serviceNameLabel, type Slice } from "../endpointslice/service-slice.ts";

/** Of a subset so many addresses are mirrored at most, so that it fits into one slice per family. */
export const maxMirrored = 1000;

/** The value of the managed-by label. */
export const mirrorName = "endpointslicemirroring-controller.k8s.io";

const notMirrored = new Set([triggerTimeAnnotation, "kubectl.kubernetes.io/last-applied-configuration"]);

type AnyEndpoints = DeepReadonly<Endpoints>;
type AnyEndpoint = DeepReadonly<Endpoint>;

export interface MirrorPlan {
  readonly create: readonly Slice[];
  readonly update: readonly Slice[];
  readonly delete: readonly Slice[];
  /** Addresses that are none. */
  readonly invalid: number;
  /** Addresses that are not mirrored, the invalid ones among them. */
  readonly skipped: number;
}

interface Mirror {
  readonly family: IpFamily;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Map<string, AnyEndpoint>;
}

/** One slice for each family of each subset, as the Endpoints say. */
export function planMirror(source: AnyEndpoints, existing: readonly Slice[]): MirrorPlan {
  const { mirrors, invalid, skipped } = mirrorsOf(source);
  const create: Slice[] = [];
  const update: Slice[] = [];
  const left = new Set(existing);
  for (const [key, mirror] of mirrors) {
    const first = existing.find((slice) => mirrorKey(slice.addressType, slice.ports) === key);
    if (first === undefined) create.push(sliceOf(source, mirror));
    else if (left.delete(first) && !isMirror(first, source, mirror))
      update.push(rewritten(first, sliceOf(source, mirror)));
  }
  return { ...recycle(create, [...left], update), invalid, skipped };
}

function mirrorsOf(source: AnyEndpoints): {
  readonly mirrors: ReadonlyMap<string, Mirror>;
  readonly invalid: number;
  readonly skipped: number;
} {
  const mirrors = new Map<string, Mirror>();
  let invalid = 0;
  let skipped = 0;
  for (const subset of repackSubsets(source.subsets ?? [])) {
    const ports = (subset.ports ?? []).map(({ name = "", port, protocol = "TCP", appProtocol }) => ({
      name,
      port,
      protocol,
      ...(appProtocol === undefined ? {} : { appProtocol }),
    }));
    let added = 0;
    for (const [address, isReady] of addressesOf(subset)) {
      if (added === maxMirrored) {
        skipped += 1;
        continue;
      }
      const mirrored = mirroredAddress(address, isReady);
      if (mirrored === undefined) {
        invalid += 1;
        skipped += 1;
        continue;
      }
      added += 1;
      const key = mirrorKey(mirrored.family, ports);
      const mirror = mirrors.get(key) ?? { family: mirrored.family, ports, endpoints: new Map<string, AnyEndpoint>() };
      mirrors.set(key, mirror);
      mirror.endpoints.set(endpointKey(mirrored.endpoint), mirrored.endpoint);
    }
  }
  return { mirrors, invalid, skipped };
}

function addressesOf(subset: Subset): (readonly [DeepReadonly<EndpointAddress>, boolean])[] {
  return [
    ...(subset.addresses ?? []).map((address) => [address, true] as const),
    ...(subset.notReadyAddresses ?? []).map((address) => [address, false] as const),
  ];
}

function mirroredAddress(
  { ip: text, hostname, nodeName, targetRef }: DeepReadonly<EndpointAddress>,
  ready: boolean,
): { readonly family: IpFamily; readonly endpoint: AnyEndpoint } | undefined {
  const ip = parseIp(text);
  if (ip === undefined) return undefined;
  const endpoint = {
    addresses: [formatIp(ip)],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(targetRef === undefined ? {} : { targetRef }),
    ...(nodeName === undefined ? {} : { nodeName }),
  };
  return { family: ip.family, endpoint };
}

function mirrorKey(addressType: string, ports: Slice["ports"]): string {
  return `${addressType} ${portsKey(ports)}`;
}

function sliceOf(source: AnyEndpoints, { family, ports, endpoints }: Mirror): Slice {
  const { namespace = "", name = "" } = source.metadata ?? {};
  return {
    metadata: {
      namespace,
      generateName: `${name}-`,
      labels: labelsFor(source),
      annotations: annotationsFor(source),
      ownerReferences: [controllerReference(source, endpointsType)],
    },
    addressType: family,
    endpoints: [...endpoints.values()].slice(0, maxMirrored),
    ports,
  };
}

function labelsFor({ metadata }: AnyEndpoints): Record<string, string> {
  return { ...metadata?.labels, [serviceNameLabel]: metadata?.name ?? "", [managedByLabel]: mirrorName };
}

function annotationsFor({ metadata }: AnyEndpoints): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata?.annotations ?? {}).filter(([key]) => !notMirrored.has(key)));
}

/** Whether a slice says already what it should, and is of this very Endpoints object. */
function isMirror({ metadata, endpoints: own }: Slice, source: AnyEndpoints, mirror: Mirror): boolean {
  const endpoints = own ?? [];
  const isOfAnother = (metadata?.ownerReferences ?? []).some(
    ({ kind, name, uid }) => kind === "Endpoints" && name === source.metadata?.name && uid !== source.metadata?.uid,
  );
  return (
    !isOfAnother &&
    endpoints.length === mirror.endpoints.size &&
    endpoints.every((endpoint) => {
      const wanted = mirror.endpoints.get(endpointKey(endpoint));
      return wanted !== undefined && isSameEndpoint(wanted, endpoint);
    }) &&
    deepEqual(metadata?.labels ?? {}, labelsFor(source)) &&
    deepEqual(metadata?.annotations ?? {}, annotationsFor(source))
  );
}

/** A slice that keeps its name and becomes another. */
function rewritten(slice: Slice, { metadata, endpoints = [], ports = [] }: Slice): Slice {
  const { labels = {}, annotations = {}, ownerReferences = [] } = metadata ?? {};
  return { ...slice, metadata: { ...slice.metadata, labels, annotations, ownerReferences }, endpoints, ports };
}

/** What would be deleted is made what would be created: the family alone cannot change. */
function recycle(
  create: readonly Slice[],
  gone: readonly Slice[],
  update: readonly Slice[],
): Pick<MirrorPlan, "create" | "update" | "delete"> {
  const spare = [...gone];
  const recycled: Slice[] = [];
  const made = create.filter((slice) => {
    const at = spare.findIndex(({ addressType }) => addressType === slice.addressType);
    const [old] = at < 0 ? [] : spare.splice(at, 1);
    if (old !== undefined) recycled.push(rewritten(old, slice));
    return old === undefined;
  });
  return { create: made, update: [...update, ...recycled], delete: spare };
}
