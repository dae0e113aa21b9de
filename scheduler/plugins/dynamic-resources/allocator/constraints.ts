import type { DeviceAttribute, DeviceConstraint } from "../../../../api/generated/types/resource-v1.ts";
import type { DeepReadonly } from "../../../../api/machinery/object.ts";
import type { PoolDevice } from "./device-pools.ts";
import { domainOf } from "./device-selector.ts";

/** A rule for all devices of some requests of a claim together, while they are being chosen. */
export interface Constraint {
  /** False: the device does not go with the others, and nothing has changed. */
  add(request: string, device: PoolDevice): boolean;
  /** Takes back the last `add` that said true. */
  remove(request: string, device: PoolDevice): void;
}

export function createConstraint({
  requests = [],
  matchAttribute,
  distinctAttribute,
}: DeepReadonly<DeviceConstraint>): Constraint {
  const isMeant = (request: string): boolean =>
    requests.length === 0 || requests.includes(request) || requests.includes(request.split("/", 1)[0] ?? "");
  const chosen: string[] = [];
  return {
    add(request, device) {
      if (!isMeant(request)) return true;
      const value = attributeText(device, matchAttribute ?? distinctAttribute ?? "");
      if (value === undefined) return false;
      const fits = matchAttribute === undefined ? !chosen.includes(value) : chosen.every((other) => other === value);
      if (fits) chosen.push(value);
      return fits;
    },
    remove(request) {
      if (isMeant(request)) chosen.pop();
    },
  };
}

/** The same text for the same value of the same type. */
function attributeText({ device, driver }: PoolDevice, name: string): string | undefined {
  const attribute = Object.entries(device.attributes ?? {}).find(
    ([key]) => key === name || domainOf(key, driver).join("/") === name,
  )?.[1];
  return attribute === undefined ? undefined : typedText(attribute);
}

function typedText({ int, bool, string, version }: DeepReadonly<DeviceAttribute>): string {
  return JSON.stringify([int === undefined ? null : String(int), bool ?? null, string ?? null, version ?? null]);
}
