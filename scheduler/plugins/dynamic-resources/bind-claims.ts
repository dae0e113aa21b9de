import type { AllocationResult } from "../../../api/generated/types/resource-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import { formatTime } from "../../../api/machinery/time.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import type { ClaimEffects } from "./effects.ts";
import { type Claim, deleteProtection, keyOfClaim } from "./pod-resource-claims.ts";

/** Somebody else may write a claim, too. */
const mostAttempts = 5;

/** Writes the allocation, if there is one to write, and that the pod uses the claim. Answers the claim as it is then. */
export async function bindClaim(
  claim: Claim,
  allocation: DeepReadonly<AllocationResult> | undefined,
  pod: PodInfo,
  effects: ClaimEffects,
): Promise<Claim> {
  let current = claim;
  for (let attempt = 1; ; attempt++) {
    try {
      return await write(current, allocation, pod, effects);
    } catch (thrown) {
      if (!(thrown instanceof ApiError) || thrown.reason !== "Conflict" || attempt >= mostAttempts) throw thrown;
      current = await effects.fetchClaim(keyOfClaim(claim));
    }
  }
}

async function write(
  claim: Claim,
  allocation: DeepReadonly<AllocationResult> | undefined,
  pod: PodInfo,
  effects: ClaimEffects,
): Promise<Claim> {
  const key = keyOfClaim(claim);
  if (claim.metadata?.deletionTimestamp !== undefined) throw new Error(`claim ${key} got deleted in the meantime`);
  if (allocation !== undefined && claim.status?.allocation !== undefined)
    throw new Error(`claim ${key} got allocated elsewhere in the meantime`);
  // The finalizer comes first: a claim that is allocated must not go away unseen.
  const guarded = allocation === undefined ? claim : await withFinalizer(claim, effects);
  const allocated = allocation ?? guarded.status?.allocation;
  return effects.updateClaimStatus({
    ...guarded,
    status: {
      ...guarded.status,
      ...(allocated === undefined
        ? {}
        : {
            allocation: {
              ...allocated,
              allocationTimestamp: allocated.allocationTimestamp ?? formatTime(effects.now()),
            },
          }),
      reservedFor: [...(guarded.status?.reservedFor ?? []), { resource: "pods", name: pod.name, uid: pod.uid }],
    },
  });
}

async function withFinalizer(claim: Claim, effects: ClaimEffects): Promise<Claim> {
  const finalizers = claim.metadata?.finalizers ?? [];
  if (finalizers.includes(deleteProtection)) return claim;
  return effects.updateClaim({
    ...claim,
    metadata: { ...claim.metadata, finalizers: [...finalizers, deleteProtection] },
  });
}

/** Whether all devices of the claim are ready for the pod to be bound. Throws where one has failed. */
export function areDevicesReady(claim: Claim): boolean {
  return (claim.status?.allocation?.devices?.results ?? []).every((result) => {
    const { bindingConditions = [], bindingFailureConditions = [], driver, pool, device } = result;
    if (bindingConditions.length === 0) return true;
    const status = claim.status?.devices?.find(
      (one) => one.driver === driver && one.pool === pool && one.device === device,
    );
    const isTrue = (type: string): boolean =>
      status?.conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;
    const failed = bindingFailureConditions.find(isTrue);
    if (failed !== undefined)
      throw new Error(`claim ${claim.metadata?.name} binding failed: condition ${failed} is true`);
    return bindingConditions.every(isTrue);
  });
}
