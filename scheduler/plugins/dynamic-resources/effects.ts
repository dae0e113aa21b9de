import type { ResourceClaim } from "../../../api/generated/types/resource-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";

/** What DynamicResources writes. */
export interface ClaimEffects {
  /** By `namespace/name`, from the server itself: after a conflict. */
  fetchClaim(key: string): Promise<DeepReadonly<ResourceClaim>>;
  /** A PUT; answers what was stored. */
  updateClaim(claim: DeepReadonly<ResourceClaim>): Promise<DeepReadonly<ResourceClaim>>;
  updateClaimStatus(claim: DeepReadonly<ResourceClaim>): Promise<DeepReadonly<ResourceClaim>>;
  /** Takes the pod out of the claim's reservations, sooner or later; never throws. */
  removeReservation(claim: DeepReadonly<ResourceClaim>, podUid: string): void;
  /** Milliseconds. */
  now(): number;
}

export interface DynamicResourcesEffects extends ClaimEffects {
  /** Asks `isDone` now and then until it says yes. Rejects with what it throws, and when time is up or the signal says so. */
  until(isDone: () => boolean, timeoutMilliseconds: number, signal: AbortSignal): Promise<void>;
}
