import type { ResourceClaimConsumerReference } from "../../api/generated/types/resource-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { withoutFinalizer } from "../persistentvolume/protection.ts";
import { claimFinalizer, type ClaimObject } from "./pod-resource-claims.ts";

export type Consumer = DeepReadonly<ResourceClaimConsumerReference>;

/** What is written for a claim, given those of its users that are left. */
export interface ClaimWrites {
  /** First, where it is there. */
  readonly status?: ClaimObject;
  /** Then the finalizer goes; of what the status write has answered. */
  readonly release: boolean;
}

/**
 * A claim that is used no longer is deallocated, so that the next user may get it elsewhere. One that was not in use
 * is left alone: drivers may reserve later than they allocate.
 */
export function claimWrites(claim: ClaimObject, left: readonly Consumer[]): ClaimWrites {
  const { reservedFor = [], allocation } = claim.status ?? {};
  const hasFinalizer = (claim.metadata?.finalizers ?? []).includes(claimFinalizer);
  if (left.length < reservedFor.length) {
    const isFreed = left.length === 0 && hasFinalizer;
    const status = withUsers(claim, left, isFreed);
    return { status, release: hasFinalizer && status.status?.allocation === undefined };
  }
  const isGoing = claim.metadata?.deletionTimestamp !== undefined;
  if (!hasFinalizer || !isGoing || left.length > 0) return { release: false };
  return { ...(allocation === undefined ? {} : { status: withUsers(claim, left, true) }), release: true };
}

function withUsers(claim: ClaimObject, left: readonly Consumer[], isFreed: boolean): ClaimObject {
  const { reservedFor: _, allocation, ...others } = claim.status ?? {};
  return {
    ...claim,
    status: {
      ...others,
      ...(allocation === undefined || isFreed ? {} : { allocation }),
      ...(left.length === 0 ? {} : { reservedFor: left }),
    },
  };
}

export function releasedClaim(claim: ClaimObject): ClaimObject {
  return withoutFinalizer(claim, claimFinalizer);
}
