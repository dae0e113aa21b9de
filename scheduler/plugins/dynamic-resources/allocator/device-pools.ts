/** The devices of the cluster, by the nodes that have access to them. */
import { matcherOf, type NodeMatcher } from "../../../../api/core/node-selection.ts";
import type { CounterSet, Device, ResourceSlice } from "../../../../api/generated/types/resource-v1.ts";
import type { NodeSelector } from "../../../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../../../api/machinery/object.ts";

export interface PoolDevice {
  readonly id: string;
  readonly driver: string;
  readonly pool: string;
  readonly device: DeepReadonly<Device>;
  /** Where it can be used: of the device, or of its whole slice. */
  readonly place: Place;
}

export type Place =
  | { readonly on: "node"; readonly nodeName: string }
  | { readonly on: "selected"; readonly selector: DeepReadonly<NodeSelector>; readonly matches: NodeMatcher }
  | { readonly on: "all" };

export interface DevicePools {
  /** Of complete pools only, in the order of the slices. */
  readonly devices: readonly PoolDevice[];
  /** By driver and pool. */
  readonly counters: ReadonlyMap<string, readonly DeepReadonly<CounterSet>[]>;
  /** Names of pools of which slices are missing: they are being updated. */
  readonly incomplete: readonly string[];
}

export function deviceId(driver: string, pool: string, device: string): string {
  return `${driver}/${pool}/${device}`;
}

export function poolKey(driver: string, pool: string): string {
  return `${driver}/${pool}`;
}

type Slice = DeepReadonly<ResourceSlice>;

/** Of each pool only the newest generation counts. */
export function gatherPools(slices: Iterable<Slice>): DevicePools {
  const pools = new Map<string, Slice[]>();
  for (const slice of slices) {
    const { driver, pool } = slice.spec;
    const key = poolKey(driver, pool.name);
    const known = pools.get(key);
    const generation = known?.[0]?.spec.pool.generation ?? Number.NEGATIVE_INFINITY;
    if (known === undefined || pool.generation > generation) pools.set(key, [slice]);
    else if (pool.generation === generation) known.push(slice);
  }
  const devices: PoolDevice[] = [];
  const counters = new Map<string, readonly DeepReadonly<CounterSet>[]>();
  const incomplete: string[] = [];
  for (const [key, members] of [...pools].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (members.length !== members[0]?.spec.pool.resourceSliceCount) {
      incomplete.push(key);
      continue;
    }
    counters.set(
      key,
      members.flatMap(({ spec }) => spec.sharedCounters ?? []),
    );
    for (const slice of members) devices.push(...devicesOf(slice));
  }
  return { devices, counters, incomplete };
}

function devicesOf({ spec }: Slice): PoolDevice[] {
  const { driver, pool, perDeviceNodeSelection } = spec;
  const whole = perDeviceNodeSelection === true ? undefined : placeOf(spec);
  return (spec.devices ?? []).flatMap((device) => {
    const place = whole ?? placeOf(device);
    const id = deviceId(driver, pool.name, device.name);
    return place === undefined ? [] : [{ id, driver, pool: pool.name, device, place }];
  });
}

interface Placed {
  readonly nodeName?: string;
  readonly nodeSelector?: DeepReadonly<NodeSelector>;
  readonly allNodes?: boolean;
}

function placeOf({ nodeName, nodeSelector, allNodes }: Placed): Place | undefined {
  if (nodeName) return { on: "node", nodeName };
  if (nodeSelector !== undefined) return { on: "selected", selector: nodeSelector, matches: matcherOf(nodeSelector) };
  return allNodes === true ? { on: "all" } : undefined;
}

export function isAccessible({ place }: PoolDevice, node: Parameters<NodeMatcher>[0]): boolean {
  switch (place.on) {
    case "node":
      return place.nodeName === node.name;
    case "selected":
      return place.matches(node);
    case "all":
      return true;
  }
}
