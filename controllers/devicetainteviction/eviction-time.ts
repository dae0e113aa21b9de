import type { Pod } from "../../api/generated/types/core-v1.ts";
import type {
  Device,
  DeviceRequestAllocationResult,
  DeviceTaint,
  ResourceClaim,
  ResourceSlice,
} from "../../api/generated/types/resource-v1.ts";
import { tolerates } from "../../api/core/tolerations.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { isControlledBy } from "../../api/machinery/owners.ts";
import { timeMillis } from "../../api/machinery/time.ts";

type AnyPod = DeepReadonly<Pod>;
type AnyClaim = DeepReadonly<ResourceClaim>;
type AllocatedDevice = DeepReadonly<DeviceRequestAllocationResult>;

/** How claims and devices are found. */
export interface Devices {
  readonly claim: (namespace: string, name: string) => AnyClaim | undefined;
  /** The slices of a driver's pool, outdated ones too. */
  readonly pool: (key: string) => readonly DeepReadonly<ResourceSlice>[];
}

export function poolKey({ driver, pool }: { readonly driver: string; readonly pool: string }): string {
  return `${driver}/${pool}`;
}

/**
 * When a pod has to go because of the taints of devices that it uses: the earliest time, in milliseconds since the epoch.
 * Undefined where it may stay for good.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#device-taints-and-tolerations
 */
export function evictionTime(pod: AnyPod, devices: Devices): number | undefined {
  if (!pod.spec?.nodeName) return undefined;
  const times = claimsOf(pod, devices)
    .flatMap(({ status }) => status?.allocation?.devices?.results ?? [])
    .flatMap((allocated) => deviceTimes(allocated, devices));
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Those that the pod uses: made for it where it asked for that, and reserved for it. */
function claimsOf(pod: AnyPod, { claim: find }: Devices): AnyClaim[] {
  const { namespace = "", uid } = pod.metadata ?? {};
  return (pod.spec?.resourceClaims ?? []).flatMap(({ name, resourceClaimName }) => {
    const made = pod.status?.resourceClaimStatuses?.find((status) => status.name === name)?.resourceClaimName;
    const claim = find(namespace, resourceClaimName ?? made ?? "");
    if (claim === undefined || (resourceClaimName === undefined && !isControlledBy(claim, pod))) return [];
    const isReserved = claim.status?.reservedFor?.some(
      (consumer) => !consumer.apiGroup && consumer.resource === "pods" && consumer.uid === uid,
    );
    return isReserved === true ? [claim] : [];
  });
}

/** For each taint that is not tolerated for good, when its time is over. */
function deviceTimes(allocated: AllocatedDevice, devices: Devices): number[] {
  return (deviceOf(allocated, devices)?.taints ?? [])
    .filter(({ effect }) => effect === "NoExecute")
    .flatMap((taint) => {
      const seconds = toleratedSeconds(allocated, taint);
      return Number.isFinite(seconds) ? [(timeMillis(taint.timeAdded) ?? 0) + seconds * 1000] : [];
    });
}

/** Slices of an older generation of the pool do not count. */
function deviceOf(allocated: AllocatedDevice, { pool }: Devices): DeepReadonly<Device> | undefined {
  const slices = pool(poolKey(allocated));
  const newest = slices.reduce((most, { spec }) => Math.max(most, spec.pool.generation), -Infinity);
  return slices
    .filter(({ spec }) => spec.pool.generation === newest)
    .flatMap(({ spec }) => spec.devices ?? [])
    .find(({ name }) => name === allocated.device);
}

function toleratedSeconds({ tolerations = [] }: AllocatedDevice, taint: DeepReadonly<DeviceTaint>): number {
  const fitting = tolerations.filter((one) => one.effect === "NoExecute" && tolerates(one, taint));
  if (fitting.length === 0) return 0;
  if (fitting.some(({ tolerationSeconds }) => tolerationSeconds === undefined)) return Infinity;
  return Math.min(...fitting.map(({ tolerationSeconds }) => Math.max(Number(tolerationSeconds), 0)));
}
