import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { ResourceClaim, ResourceSlice } from "../../api/generated/types/resource-v1.ts";
import { isPodTerminating } from "../../api/core/pod-state.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Informer } from "../../client/informer.ts";
import { keyFor, keyOf, splitKey } from "../../client/lister.ts";
import type { Outcome } from "../../client/reconciler.ts";
import { pods as podType, resourceClaims, resourceSlices } from "../../client/resource-types.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { evictPod } from "../tainteviction/evict-pod.ts";
import { type Devices, evictionTime, poolKey } from "./eviction-time.ts";

const target = {
  reason: "DeletionByDeviceTaintManager",
  message: "Device Taint manager: deleting due to NoExecute taint",
};

/** Longer than that no timer runs; the time is looked at again. */
const longestWaitMs = 86_400_000;

/**
 * Deletes pods that use devices with NoExecute taints which they do not tolerate, or no longer.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#device-taints-and-tolerations
 */
export const deviceTaintEvictionController: Controller = {
  name: "device-taint-eviction-controller",
  start(deps) {
    const pods = deps.informers.of(podType);
    const claims = deps.informers.of(resourceClaims);
    const slices = deps.informers.of(resourceSlices);
    const slicesOf = slices.index((slice) => [poolOf(slice)]);
    const claimsOn = claims.index(({ status }) => (status?.allocation?.devices?.results ?? []).map(poolKey));
    const devices: Devices = { claim: (namespace, name) => claims.get(keyFor(namespace, name)), pool: slicesOf };
    const parts: Parts = { pods, devices, planned: new Set(), deps };
    const reconciler = deps.reconciler({ reconcile: (key) => reconcile(key, parts) });
    watchPods(pods, (key) => reconciler.add(key));
    const wakeUsers = ({ metadata, status }: DeepReadonly<ResourceClaim>): void => {
      for (const { resource, name } of status?.reservedFor ?? [])
        if (resource === "pods") reconciler.add(keyFor(metadata?.namespace, name));
    };
    claims.on({
      added: wakeUsers,
      updated(claim, old) {
        wakeUsers(old);
        wakeUsers(claim);
      },
      deleted: wakeUsers,
    });
    const wakePool = (slice: DeepReadonly<ResourceSlice>): void => claimsOn(poolOf(slice)).forEach(wakeUsers);
    slices.on({
      added: wakePool,
      updated(slice, old) {
        if (poolOf(slice) !== poolOf(old)) wakePool(old);
        wakePool(slice);
      },
      deleted: wakePool,
    });
  },
};

function poolOf({ spec }: DeepReadonly<ResourceSlice>): string {
  return poolKey({ driver: spec.driver, pool: spec.pool.name });
}

function watchPods(pods: Informer<Pod>, add: (key: string) => void): void {
  const wake = (pod: DeepReadonly<Pod>): void => {
    if ((pod.spec?.resourceClaims ?? []).length > 0) add(keyOf(pod));
  };
  pods.on({
    added: wake,
    updated(pod, old) {
      const isSame =
        pod.spec?.nodeName === old.spec?.nodeName &&
        deepEqual(pod.status?.resourceClaimStatuses, old.status?.resourceClaimStatuses);
      if (!isSame) wake(pod);
    },
    deleted: wake,
  });
}

interface Parts {
  readonly pods: Informer<Pod>;
  readonly devices: Devices;
  /** The keys of pods that have to go in time. */
  readonly planned: Set<string>;
  readonly deps: Pick<ControllerDeps, "client" | "clock" | "events">;
}

async function reconcile(key: string, { pods, devices, planned, deps }: Parts): Promise<Outcome> {
  const pod = pods.get(key);
  const uid = pod?.metadata?.uid ?? "";
  const at = pod === undefined || isPodTerminating(pod) ? undefined : evictionTime(pod, devices);
  const tell = (message: string, metadata: object): void =>
    deps.events.event(
      { apiVersion: "v1", kind: "Pod", metadata },
      { type: "Normal", reason: "DeviceTaintManagerEviction", message },
    );
  if (pod === undefined || at === undefined) {
    // Of one that is on its way out there is nothing more to tell.
    const isSpared = planned.delete(key) && pod !== undefined && !isPodTerminating(pod);
    if (isSpared) tell("Cancelling deletion", { ...splitKey(key), uid });
    return undefined;
  }
  const left = at - deps.clock.now();
  if (left > 0) {
    planned.add(key);
    return { after: Math.min(left, longestWaitMs) };
  }
  tell("Marking for deletion", { ...splitKey(key), uid });
  await evictPod(pod, target, deps);
  planned.delete(key);
  return undefined;
}
