import type { IPAddress, ServiceCIDR } from "../../api/generated/types/networking-v1.ts";
import { formatIp, type Ip, type IpFamily } from "../../api/machinery/ip.ts";
import { everything } from "../../api/machinery/labels.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Random } from "../../base/random.ts";
import { sliced } from "../../base/slice.ts";
import type { Kind } from "../encoding/kind.ts";
import type { Objects } from "../strategy/objects.ts";
import { internalWrite } from "../strategy/write-request.ts";
import { storageKey, type Cache } from "../watch-cache/cache.ts";
import { addressRange, candidates, holds, type AddressRange } from "./address-range.ts";

/** The service that an address is for. */
export interface Holder {
  readonly namespace: string;
  readonly name: string;
}

export interface ClusterAddressesDeps {
  readonly cache: Cache;
  readonly objects: Pick<Objects, "create" | "delete" | "find">;
  readonly random: Random;
  /** Of IPAddress and ServiceCIDR. */
  readonly kinds: { readonly addresses: Kind; readonly ranges: Kind };
  /** Never handed out unasked: the `kubernetes` Service's. */
  readonly reserved: string;
}

export const managedBy = "ipallocator.k8s.io";
export const managedByLabel = "ipaddress.kubernetes.io/managed-by";
export const familyLabel = "ipaddress.kubernetes.io/ip-family";
/** Upstream's API servers write these objects under their own name, too. */
/**
 * Addresses of services. An IPAddress object named after the address *is* the allocation: the store lets only one
 * be created, and it is there after a restart (KEP-1880). They come from all ServiceCIDRs that are ready.
 */
export class ClusterAddresses {
  readonly #deps: ClusterAddressesDeps;

  constructor(deps: ClusterAddressesDeps) {
    this.#deps = deps;
  }

  /** Why the address cannot be had; undefined when it has been taken. */
  async take(ip: Ip, holder: Holder, dryRun: boolean): Promise<string | undefined> {
    const ranges = (await this.ranges()).filter(({ family }) => family === ip.family);
    const isKnown = ranges.some((range) => holds(range, ip));
    if (!isKnown) return outside(ip, ranges, dryRun);
    const address = formatIp(ip);
    const isTaken = dryRun
      ? (await this.find(address)) !== undefined
      : !(await this.#create(address, ip.family, holder));
    return isTaken ? "provided IP is already allocated" : undefined;
  }

  /** A free address; undefined when all ranges are full. */
  async takeNext(family: IpFamily, holder: Holder, dryRun: boolean): Promise<string | undefined> {
    const { cache, kinds, random, reserved } = this.#deps;
    const taken = await cache.resource(kinds.addresses);
    const isFree = (address: string): boolean =>
      address !== reserved && taken.get(storageKey(kinds.addresses, "", address)) === undefined;
    for (const range of await this.ranges()) {
      if (range.family !== family) continue;
      for await (const address of sliced(candidates(range, random), (one) => (isFree(one) ? one : undefined)))
        // Another writer may have taken it since: then the next one.
        if (address !== undefined && (dryRun || (await this.#create(address, family, holder)))) return address;
    }
    return undefined;
  }

  /** Nothing happens when the address is not the holder's. */
  async giveBack(address: string, holder: Holder): Promise<void> {
    const found = await this.find(address);
    if (found !== undefined && isHeldBy(found, holder)) await this.remove(found);
  }

  async find(address: string): Promise<DeepReadonly<IPAddress> | undefined> {
    const { objects, kinds } = this.#deps;
    return (await objects.find(kinds.addresses, "", address))?.object() as DeepReadonly<IPAddress> | undefined;
  }

  /** Removes that very object; it may be gone. */
  async remove({ metadata }: DeepReadonly<IPAddress>): Promise<void> {
    const { objects, kinds } = this.#deps;
    const preconditions = metadata?.uid === undefined ? {} : { uid: metadata.uid };
    try {
      await objects.delete(internalWrite(kinds.addresses, { name: metadata?.name ?? "" }), { preconditions });
    } catch (thrown) {
      if (!hasReason(thrown, "NotFound") && !hasReason(thrown, "Conflict")) throw thrown;
    }
  }

  /** Those of the ServiceCIDRs that are ready, oldest first: a range that is added is used when the others are full. */
  async ranges(): Promise<readonly AddressRange[]> {
    const { cache, kinds } = this.#deps;
    const resource = await cache.resource(kinds.ranges);
    await cache.fresh();
    return [...resource.select({ namespace: "", labels: everything, fields: [] })]
      .map((record) => record.object() as DeepReadonly<ServiceCIDR>)
      .filter(isReady)
      .sort((one, other) => (createdAt(one) < createdAt(other) ? -1 : createdAt(one) > createdAt(other) ? 1 : 0))
      .flatMap(({ spec }) => spec?.cidrs ?? [])
      .flatMap((cidr) => addressRange(cidr) ?? []);
  }

  /** False when somebody has the address. */
  async #create(address: string, family: IpFamily, holder: Holder): Promise<boolean> {
    const { objects, kinds } = this.#deps;
    try {
      await objects.create(internalWrite(kinds.addresses, { name: address }), ipAddress(address, family, holder));
      return true;
    } catch (thrown) {
      if (hasReason(thrown, "AlreadyExists")) return false;
      throw thrown;
    }
  }
}

export function isHeldBy({ spec }: DeepReadonly<IPAddress>, { namespace, name }: Holder): boolean {
  const { group = "", resource, namespace: heldIn, name: held } = spec.parentRef;
  return group === "" && resource === "services" && heldIn === namespace && held === name;
}

function ipAddress(name: string, family: IpFamily, holder: Holder): KubeObject {
  const object: IPAddress = {
    kind: "IPAddress",
    apiVersion: "networking.k8s.io/v1",
    metadata: { name, labels: { [familyLabel]: family, [managedByLabel]: managedBy } },
    spec: { parentRef: { resource: "services", namespace: holder.namespace, name: holder.name } },
  };
  return object as KubeObject;
}

/** Upstream tries a dry run on any one range, and so says more. */
function outside(ip: Ip, [range]: readonly AddressRange[], dryRun: boolean): string {
  if (!dryRun || range === undefined) return "the provided network does not match the current range";
  return `the provided IP (${formatIp(ip)}) is not in the valid range. The range of valid IPs is ${range.cidr}`;
}

/** Nobody but a controller sets the condition: until then a range counts as ready. */
function isReady({ metadata, status }: DeepReadonly<ServiceCIDR>): boolean {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  return metadata?.deletionTimestamp === undefined && (ready === undefined || ready.status === "True");
}

function createdAt({ metadata }: DeepReadonly<ServiceCIDR>): string {
  return metadata?.creationTimestamp ?? "";
}

function hasReason(thrown: unknown, reason: ApiError["reason"]): boolean {
  return thrown instanceof ApiError && thrown.reason === reason;
}
