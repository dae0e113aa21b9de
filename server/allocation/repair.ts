import type { Service } from "../../api/generated/types/core-v1.ts";
import type { IPAddress } from "../../api/generated/types/networking-v1.ts";
import { formatIp, parseIp, type Ip } from "../../api/machinery/ip.ts";
import { everything } from "../../api/machinery/labels.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { parseTime } from "../../api/machinery/time.ts";
import { isHeadless } from "../../api/core/service-needs.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import { sliced } from "../../base/slice.ts";
import type { Kind } from "../encoding/kind.ts";
import { storageKey, type Cache } from "../watch-cache/cache.ts";
import type { Record } from "../watch-cache/record.ts";
import type { ResourceCache } from "../watch-cache/resource-cache.ts";
import { holds } from "./address-range.ts";
import {
  familyLabel,
  isHeldBy,
  managedBy,
  managedByLabel,
  type ClusterAddresses,
  type Holder,
} from "./cluster-addresses.ts";
import { nodePortsOf, type PortRange } from "./node-ports.ts";

export interface RepairDeps {
  readonly cache: Cache;
  readonly kinds: { readonly services: Kind; readonly addresses: Kind };
  readonly addresses: ClusterAddresses;
  readonly nodePorts: PortRange;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends the waiting for a second look. */
  readonly signal: AbortSignal;
}

interface Stored {
  readonly services: ResourceCache;
  readonly addresses: ResourceCache;
}

const all = { namespace: "", labels: everything, fields: [] };
/** An address is taken before its service is stored: no request lasts longer than this. */
const graceMs = 60_000;

/**
 * Makes services and IPAddress objects agree, after a crash between two writes, a restored snapshot or a hand in the
 * store. Services are right: an address that one has is given to it again, an address that none has is given back.
 */
export class Repair {
  readonly #deps: RepairDeps;
  #cancel: () => void = () => undefined;

  constructor(deps: RepairDeps) {
    this.#deps = deps;
    deps.signal.addEventListener("abort", () => this.#cancel(), { once: true });
  }

  /** Addresses too young to be judged are looked at again after their grace. */
  async run(): Promise<void> {
    const { cache, kinds, clock, log, signal } = this.#deps;
    const stored = { services: await cache.resource(kinds.services), addresses: await cache.resource(kinds.addresses) };
    await cache.fresh();
    const settled = await this.#checkServices(stored);
    const isDone = await this.#checkAddresses(stored, settled);
    this.#cancel();
    if (isDone || signal.aborted) return;
    this.#cancel = clock.after(graceMs, () => {
      this.run().catch((error: unknown) => log.warn("service addresses could not be repaired", { error }));
    });
  }

  /** The IPAddress objects that are as they should be, since their services are. */
  async #checkServices(stored: Stored): Promise<ReadonlySet<Record>> {
    const settled = new Set<Record>();
    const portHolders = new Map<number, string>();
    const keys = [...stored.services.select(all)].map(({ key }) => key);
    // As it is now: it may have changed, or gone, while others were looked at.
    const current = (key: string): DeepReadonly<Service> | undefined => stored.services.get(key)?.object();
    for await (const service of sliced(keys, current)) {
      if (service === undefined) continue;
      const holder = holderOf(service);
      this.#checkPorts(service, holder, portHolders);
      for (const ip of addressesOf(service)) {
        const found = stored.addresses.get(storageKey(this.#deps.kinds.addresses, "", formatIp(ip)));
        if (found !== undefined && isGood(found, ip, holder)) settled.add(found);
        else await this.#repairAddress(ip, holder, found, stored);
      }
    }
    return settled;
  }

  async #repairAddress(ip: Ip, holder: Holder, found: Record | undefined, stored: Stored): Promise<void> {
    const { addresses, log } = this.#deps;
    const address = formatIp(ip);
    const object = found?.object() as DeepReadonly<IPAddress> | undefined;
    if (!(await addresses.ranges()).some((range) => holds(range, ip))) {
      log.warn("a service's address is in no ServiceCIDR; create the service anew", { address, ...holder });
      return;
    }
    if (object !== undefined && !isHeldBy(object, holder) && this.#isRightful(object, stored)) {
      log.warn("an address belongs to several services; create this one anew", { address, ...holder });
      return;
    }
    log.warn("a service's address was not allocated; it is now", { address, ...holder });
    if (object !== undefined) await addresses.remove(object);
    await addresses.take(ip, holder, false);
  }

  /** False when some have to be looked at again. */
  async #checkAddresses(stored: Stored, settled: ReadonlySet<Record>): Promise<boolean> {
    const { clock, log } = this.#deps;
    let isDone = true;
    const records = [...stored.addresses.select(all)].filter((record) => !settled.has(record));
    for await (const object of sliced(records, (record) => record.object() as DeepReadonly<IPAddress>)) {
      if (object.metadata?.labels?.[managedByLabel] !== managedBy || this.#isRightful(object, stored)) continue;
      const created = parseTime(object.metadata.creationTimestamp ?? "");
      if (created !== undefined && clock.now() - created.seconds * 1000 < graceMs) {
        isDone = false;
        continue;
      }
      log.warn("an address that no service has was still allocated; it is free now", { address: object.metadata.name });
      await this.#deps.addresses.remove(object);
    }
    return isDone;
  }

  /** Its service is there, and has this address. */
  #isRightful(object: DeepReadonly<IPAddress>, { services }: Stored): boolean {
    const { namespace = "", name = "" } = object.spec.parentRef;
    const record = services.get(storageKey(this.#deps.kinds.services, namespace, name));
    if (record === undefined || !isHeldBy(object, { namespace, name })) return false;
    return addressesOf(record.object() as DeepReadonly<Service>).some((ip) => formatIp(ip) === object.metadata?.name);
  }

  #checkPorts({ spec }: DeepReadonly<Service>, holder: Holder, holders: Map<number, string>): void {
    const { nodePorts, log } = this.#deps;
    for (const port of nodePortsOf(spec ?? {})) {
      const other = holders.get(port);
      if (other !== undefined)
        log.warn("a node port belongs to several services; create this one anew", { port, ...holder, other });
      else if (port < nodePorts.first || port > nodePorts.last)
        log.warn("a node port is not in the range of node ports; create its service anew", { port, ...holder });
      holders.set(port, `${holder.namespace}/${holder.name}`);
    }
  }
}

function holderOf({ metadata }: DeepReadonly<Service>): Holder {
  return { namespace: metadata?.namespace ?? "", name: metadata?.name ?? "" };
}

function addressesOf({ spec }: DeepReadonly<Service>): readonly Ip[] {
  if (spec === undefined || spec.type === "ExternalName" || isHeadless(spec)) return [];
  return (spec.clusterIPs ?? []).flatMap((text) => parseIp(text) ?? []);
}

function isGood(record: Record, { family }: Ip, holder: Holder): boolean {
  const { labels } = record.meta;
  if (labels?.[familyLabel] !== family || labels[managedByLabel] !== managedBy) return false;
  return isHeldBy(record.object() as DeepReadonly<IPAddress>, holder);
}
