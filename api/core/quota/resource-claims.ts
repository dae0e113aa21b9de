import type { DeviceRequest, ResourceClaim } from "../../generated/types/resource-v1.ts";
import type { DeepReadonly } from "../../machinery/object.ts";
import { type Quantity, quantityOf } from "../../machinery/quantity.ts";
import { addTo } from "../quantities.ts";
import { countName, defineEvaluator, type QuotaEvaluator } from "./evaluator.ts";

const counts = { group: "resource.k8s.io", resource: "resourceclaims" };
const perClass = ".deviceclass.resource.k8s.io/devices";
const implicitly = "requests.deviceclass.resource.kubernetes.io/";
/** What a request for all devices may come to: more are never allocated to a claim. */
const mostDevices = 32;

/** Claims count, and the devices they ask for by device class. */
export const resourceClaimEvaluator: QuotaEvaluator = defineEvaluator<ResourceClaim>({
  counts,
  isCharged: ({ subresource }) => subresource === "",
  tracks: (resource) =>
    resource === countName(counts) || resource.endsWith(perClass) || resource.startsWith(implicitly),
  usage: ({ spec }) => {
    const usage = new Map<string, Quantity>([[countName(counts), quantityOf(1)]]);
    for (const request of spec.devices?.requests ?? []) {
      for (const [name, devices] of devicesOf(request)) {
        const quantity = quantityOf(devices);
        addTo(
          usage,
          new Map([
            [`${name}${perClass}`, quantity],
            [`${implicitly}${name}`, quantity],
          ]),
        );
      }
    }
    return usage;
  },
});

/** By class; of several alternatives the largest, for any may be chosen. */
function devicesOf({ exactly, firstAvailable = [] }: DeepReadonly<DeviceRequest>): ReadonlyMap<string, number> {
  const alternatives = firstAvailable.length > 0 ? firstAvailable : exactly === undefined ? [] : [exactly];
  const devices = new Map<string, number>();
  for (const { deviceClassName, allocationMode, count = 0 } of alternatives) {
    const wanted = allocationMode === "ExactCount" ? count : allocationMode === "All" ? mostDevices : 0;
    devices.set(deviceClassName, Math.max(wanted, devices.get(deviceClassName) ?? 0));
  }
  return devices;
}
