import { invalid, type FieldError } from "../../api/machinery/field-error.ts";
import type { Service, ServiceSpec } from "../../api/generated/types/core-v1.ts";
import { formatIp, parseIp, type IpFamily } from "../../api/machinery/ip.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { bad } from "../../api/machinery/findings.ts";
import { isHeadless, needsClusterIp } from "../../api/core/service-needs.ts";
import type { Logger } from "../../base/log.ts";
import type { Allocation, Undo } from "../strategy/allocation.ts";
import type { ClusterAddresses, Holder } from "./cluster-addresses.ts";
import { settleIpFamilies } from "./ip-families.ts";
import type { NodePorts } from "./node-ports.ts";
import { fillNodePorts, internalError, wantsNodePorts } from "./service-ports.ts";

type OldSpec = DeepReadonly<ServiceSpec> | undefined;

export interface ServiceAllocationDeps {
  readonly addresses: ClusterAddresses;
  readonly nodePorts: NodePorts;
  /** Families of the cluster, its own first. */
  readonly families: readonly IpFamily[];
  readonly log: Logger;
}

/** Cluster IPs and node ports of Services. */
export class ServiceAllocation implements Allocation {
  readonly #deps: ServiceAllocationDeps;

  constructor(deps: ServiceAllocationDeps) {
    this.#deps = deps;
  }

  async allocate(object: KubeObject, old: DeepReadonly<KubeObject> | undefined, dryRun: boolean): Promise<Undo> {
    const service = object as Service; // The allocation is filed under the services' prefix.
    const spec = (service.spec ??= {});
    const before = (old as DeepReadonly<Service> | undefined)?.spec;
    const holder = holderOf(service);
    const refuse = (findings: readonly FieldError[]): void => {
      if (findings.length > 0) throw invalid({ group: "", kind: "Service" }, holder.name, findings);
    };
    refuse(settleIpFamilies(spec, before, this.#deps.families));
    const undo: Undo[] = [];
    try {
      refuse(await this.#fillAddresses(spec, { before, holder, dryRun, undo }));
      if (wantsNodePorts(spec, before)) {
        const reservation = await this.#deps.nodePorts.reserve(dryRun);
        undo.push(async () => reservation.undo());
        refuse(fillNodePorts(spec, before, reservation));
      }
    } catch (thrown) {
      await undoAll(undo);
      throw thrown;
    }
    return () => undoAll(undo);
  }

  /** Node ports need nothing here: they follow the stored services. */
  async release(old: DeepReadonly<KubeObject>, current: DeepReadonly<KubeObject> | undefined): Promise<void> {
    const service = old as DeepReadonly<Service>;
    const kept = new Set((current as DeepReadonly<Service> | undefined)?.spec?.clusterIPs);
    for (const address of service.spec?.clusterIPs ?? [])
      if (!kept.has(address)) await this.#giveBack(address, holderOf(service));
  }

  /** A headless service has no address, nor does one get any later, since "None" stays. */
  async #fillAddresses(
    spec: ServiceSpec,
    { before, holder, dryRun, undo }: { before: OldSpec; holder: Holder; dryRun: boolean; undo: Undo[] },
  ): Promise<readonly FieldError[]> {
    if (!needsClusterIp(spec) || isHeadless(spec) || isHeadless(before)) return [];
    const families = (spec.ipFamilies ?? []) as readonly IpFamily[]; // Settled, and validated before that.
    const own = before?.clusterIPs ?? [];
    const addresses = families.map((_, index) => spec.clusterIPs?.[index] ?? "");
    for (const [index, family] of families.entries()) {
      const asked = addresses[index] ?? "";
      if (asked !== "" && own[index] === asked) continue;
      const ip = asked === "" ? undefined : parseIp(asked);
      if (ip === undefined) {
        const address = await this.#deps.addresses.takeNext(family, holder, dryRun);
        if (address === undefined) throw internalError("failed to allocate a serviceIP: range is full");
        addresses[index] = address;
      } else {
        const why = await this.#deps.addresses.take(ip, holder, dryRun);
        if (why !== undefined) return [bad("spec.clusterIPs", addresses, `failed to allocate IP ${asked}: ${why}`)];
      }
      const taken = addresses[index] ?? "";
      if (!dryRun) undo.push(() => this.#giveBack(taken, holder));
    }
    const [first] = addresses;
    if (first !== undefined) {
      spec.clusterIP = first;
      spec.clusterIPs = addresses;
    }
    return [];
  }

  /** The write has been settled, either way: what cannot be given back now, the next repair finds. */
  async #giveBack(text: string, holder: Holder): Promise<void> {
    const ip = parseIp(text);
    if (ip === undefined) return;
    try {
      await this.#deps.addresses.giveBack(formatIp(ip), holder);
    } catch (error) {
      this.#deps.log.warn("a service address could not be given back", { address: text, ...holder, error });
    }
  }
}

function holderOf({ metadata }: DeepReadonly<Service>): Holder {
  return { namespace: metadata?.namespace ?? "", name: metadata?.name ?? "" };
}

async function undoAll(undo: readonly Undo[]): Promise<void> {
  for (const one of undo) await one();
}
