import { tryQuantity } from "../../../../api/machinery/quantity.ts";
import { type DevicePools, type PoolDevice, poolKey } from "./device-pools.ts";

/** What is left of the counters that the devices of a pool share: parts of one piece of hardware. */
export interface Counters {
  /** False: there is not enough left, and nothing has changed. */
  take(device: PoolDevice): boolean;
  giveBack(device: PoolDevice): void;
}

export function createCounters({ counters, devices }: DevicePools, allocated: ReadonlySet<string>): Counters {
  const left = new Map<string, bigint>();
  for (const [pool, sets] of counters)
    for (const { name, counters: members } of sets)
      for (const [counter, { value }] of Object.entries(members)) left.set(`${pool} ${name} ${counter}`, amount(value));
  const change = (device: PoolDevice, sign: 1n | -1n): void => {
    for (const [key, needed] of consumption(device)) left.set(key, (left.get(key) ?? 0n) + sign * needed);
  };
  for (const device of devices) if (allocated.has(device.id)) change(device, -1n);
  return {
    take(device) {
      for (const [key, needed] of consumption(device)) if ((left.get(key) ?? -1n) < needed) return false;
      change(device, -1n);
      return true;
    },
    giveBack: (device) => change(device, 1n),
  };
}

function* consumption({ driver, pool, device }: PoolDevice): Generator<readonly [key: string, needed: bigint]> {
  for (const { counterSet, counters } of device.consumesCounters ?? [])
    for (const [counter, { value }] of Object.entries(counters))
      yield [`${poolKey(driver, pool)} ${counterSet} ${counter}`, amount(value)];
}

function amount(text: string): bigint {
  return tryQuantity(text)?.nano ?? 0n;
}
