import type { ResourceClaim } from "../../../api/generated/types/resource-v1.ts";
import { createAssumeCache } from "../../framework/assume-cache.ts";
import type { Lister } from "../../framework/listers.ts";
import { deviceId } from "./allocator/device-pools.ts";
import { type Claim, keyOfClaim } from "./pod-resource-claims.ts";

/** Claims as informers know them, and allocations that are decided on but not seen there yet. */
export interface ClaimTracker {
  get(key: string): Claim | undefined;
  /** Only what informers know. */
  known(key: string): Claim | undefined;
  /** The claim is being allocated for some pod: others that share it wait. */
  isPending(uid: string): boolean;
  /** From Reserve until PreBind has written it. */
  begin(claim: Claim): void;
  /** True if it was pending. */
  end(uid: string): boolean;
  /** What the server answered, until informers bring it. */
  written(claim: Claim): void;
  /** By id: devices that nobody else may have. */
  allocatedDevices(): Set<string>;
}

export function createClaimTracker(claims: Lister<ResourceClaim>): ClaimTracker {
  const cache = createAssumeCache(claims, keyOfClaim);
  const pending = new Map<string, Claim>();
  return {
    get: (key) => cache.get(key),
    known: (key) => cache.known(key),
    isPending: (uid) => pending.has(uid),
    begin: (claim) => void pending.set(claim.metadata?.uid ?? "", claim),
    end: (uid) => pending.delete(uid),
    written: (claim) => cache.assume(keyOfClaim(claim), claim),
    allocatedDevices() {
      const devices = new Set<string>();
      for (const claim of [...cache.list(), ...pending.values()])
        for (const { driver, pool, device, adminAccess } of claim.status?.allocation?.devices?.results ?? [])
          // Who only looks after a device does not take it from others.
          if (adminAccess !== true) devices.add(deviceId(driver, pool, device));
      return devices;
    },
  };
}
