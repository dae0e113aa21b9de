import type { Service, ServiceSpec } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { everything } from "../../api/machinery/labels.ts";
import type { Random } from "../../base/random.ts";
import { sliced } from "../../base/slice.ts";
import type { Record } from "../watch-cache/record.ts";
import type { ResourceCache } from "../watch-cache/resource-cache.ts";

/** Inclusive. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

const everyService = { namespace: "", labels: everything, fields: [] };
const band = { least: 16, most: 128, share: 32 };

/**
 * Which ports of the nodes are taken. That is read off the stored services and kept true by their changes, whoever makes
 * them, so nothing can leak; what a write is about to take is reserved until the service with it is stored.
 */
export class NodePorts {
  readonly range: PortRange;
  readonly #services: () => ResourceCache | Promise<ResourceCache>;
  readonly #random: Random;
  readonly #portsOf = new Map<string, ReadonlySet<number>>();
  readonly #holders = new Map<number, number>();
  readonly #reserved = new Map<number, PortReservation>();
  #following: Promise<void> | undefined;

  constructor(deps: {
    readonly range: PortRange;
    readonly services: () => ResourceCache | Promise<ResourceCache>;
    readonly random: Random;
  }) {
    this.range = deps.range;
    this.#services = deps.services;
    this.#random = deps.random;
  }

  async reserve(dryRun: boolean): Promise<PortReservation> {
    this.#following ??= this.#follow();
    await this.#following;
    return new PortReservation(this, dryRun);
  }

  contains(port: number): boolean {
    return port >= this.range.first && port <= this.range.last;
  }

  isFree(port: number): boolean {
    return !this.#holders.has(port) && !this.#reserved.has(port);
  }

  /** From a random place of the upper band on, then from the lower one, which people choose ports from (KEP-3668). */
  *candidates(): Generator<number> {
    const { first, last } = this.range;
    const firstDynamic = first + staticBand(last - first + 1);
    for (const [low, high] of [
      [firstDynamic, last],
      [first, firstDynamic - 1],
    ] as const) {
      const size = high - low + 1;
      const start = size > 0 ? this.#random.integer(size) : 0;
      for (let step = 0; step < size; step += 1) yield low + ((start + step) % size);
    }
  }

  hold(port: number, reservation: PortReservation): void {
    this.#reserved.set(port, reservation);
  }

  letGo(port: number, reservation: PortReservation): void {
    if (this.#reserved.get(port) === reservation) this.#reserved.delete(port);
  }

  /** The listener comes first: whichever way a service is seen last is how it is. */
  async #follow(): Promise<void> {
    const services = await this.#services();
    services.listen({
      indexKey: "",
      offer: ({ current, previous }) => this.#see((current ?? previous)?.key ?? "", current),
      wake: () => undefined,
    });
    const keys = [...services.select(everyService)].map(({ key }) => key);
    for await (const _ of sliced(keys, (key) => this.#see(key, services.get(key))));
  }

  #see(key: string, service: Record | undefined): void {
    for (const port of this.#portsOf.get(key) ?? []) {
      const left = (this.#holders.get(port) ?? 1) - 1;
      if (left === 0) this.#holders.delete(port);
      else this.#holders.set(port, left);
    }
    const ports = service === undefined ? new Set<number>() : portsOf(service);
    if (ports.size === 0) this.#portsOf.delete(key);
    else this.#portsOf.set(key, ports);
    for (const port of ports) {
      this.#holders.set(port, (this.#holders.get(port) ?? 0) + 1);
      this.#reserved.delete(port);
    }
  }
}

/** What one write takes; kept when the service is seen with it, else given back by `undo`. */
export class PortReservation {
  readonly #ports: NodePorts;
  readonly #dryRun: boolean;
  readonly #taken = new Set<number>();

  constructor(ports: NodePorts, dryRun: boolean) {
    this.#ports = ports;
    this.#dryRun = dryRun;
  }

  /** Why the port cannot be had; undefined when it has been taken. */
  take(port: number): string | undefined {
    const { first, last } = this.#ports.range;
    if (!this.#ports.contains(port))
      return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
    if (!this.#isFree(port)) return "provided port is already allocated";
    this.#hold(port);
    return undefined;
  }

  /** Undefined when the range is full. */
  takeNext(): number | undefined {
    for (const port of this.#ports.candidates()) {
      if (!this.#isFree(port)) continue;
      this.#hold(port);
      return port;
    }
    return undefined;
  }

  undo(): void {
    for (const port of this.#taken) this.#ports.letGo(port, this);
  }

  #isFree(port: number): boolean {
    return this.#ports.isFree(port) && !this.#taken.has(port);
  }

  #hold(port: number): void {
    this.#taken.add(port);
    if (!this.#dryRun) this.#ports.hold(port, this);
  }
}

function staticBand(size: number): number {
  if (size <= band.least) return 0;
  return Math.min(Math.max(Math.floor(size / band.share), band.least), band.most);
}

/** Every port of the nodes that a service has. */
export function nodePortsOf({ ports = [], healthCheckNodePort }: DeepReadonly<ServiceSpec>): ReadonlySet<number> {
  const found = new Set<number>();
  for (const { nodePort } of ports) if (nodePort) found.add(nodePort);
  if (healthCheckNodePort) found.add(healthCheckNodePort);
  return found;
}

const portMember = Buffer.from('odePort":');

/** Most services have none: their bytes say so without being parsed (`nodePort` and `healthCheckNodePort`). */
function portsOf(record: Record): ReadonlySet<number> {
  return record.bytes.includes(portMember)
    ? nodePortsOf((record.object() as DeepReadonly<Service>).spec ?? {})
    : new Set();
}
