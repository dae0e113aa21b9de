import type { PersistentVolumeClaim } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Client } from "../../client/client.ts";
import { keyOf, type Lister } from "../../client/lister.ts";
import { persistentVolumeClaims } from "../../client/resource-types.ts";
import { claimOwners, hasOtherController } from "./claim-owners.ts";
import { type AnyPod, type AnySet, podName } from "./identity.ts";
import { type SetEvents, textOf } from "./set-events.ts";
import { claimsFor } from "./stateful-pod.ts";

/** Makes the claims of a StatefulSet's pods, and gives them to who takes them along. */
export interface ClaimControl {
  /** Those that are missing. Tries each, and throws what went wrong in all. */
  make(set: AnySet, ordinal: number): Promise<void>;
  own(set: AnySet, pod: AnyPod, ordinal: number): Promise<void>;
}

export interface ClaimDeps {
  readonly client: Client;
  readonly events: SetEvents;
  readonly known: Lister<PersistentVolumeClaim>;
}

export function createClaimControl({ client, events, known }: ClaimDeps): ClaimControl {
  /** Answers what went wrong. */
  async function makeOne(set: AnySet, claim: PersistentVolumeClaim, pod: string): Promise<string | undefined> {
    const { name = "" } = claim.metadata ?? {};
    const there = known.get(keyOf(claim));
    if (there !== undefined)
      return there.metadata?.deletionTimestamp === undefined ? undefined : `pvc ${name} is being deleted`;
    try {
      await client.create(persistentVolumeClaims, claim);
    } catch (thrown) {
      const isThere = thrown instanceof ApiError && thrown.reason === "AlreadyExists";
      if (!isThere) events.claimFailed(set, name, pod, thrown);
      return `failed to create PVC ${name}: ${textOf(thrown)}`;
    }
    events.claimMade(set, name, pod);
    return undefined;
  }

  async function ownOne(set: AnySet, pod: AnyPod, claim: DeepReadonly<PersistentVolumeClaim>): Promise<void> {
    if (hasOtherController(claim, set, pod)) events.conflict(set, claim.metadata?.name ?? "");
    const ownerReferences = claimOwners(claim, set, pod);
    if (ownerReferences === undefined) return;
    // With the revision that was judged: a claim that has changed since is judged again.
    await client.update(persistentVolumeClaims, { ...claim, metadata: { ...claim.metadata, ownerReferences } });
  }

  return {
    async make(set, ordinal) {
      const failures: string[] = [];
      for (const claim of claimsFor(set, ordinal)) {
        const failure = await makeOne(set, claim, podName(set, ordinal));
        if (failure !== undefined) failures.push(failure);
      }
      if (failures.length > 0) throw new Error(failures.length === 1 ? failures[0] : `[${failures.join(", ")}]`);
    },
    async own(set, pod, ordinal) {
      for (const wanted of claimsFor(set, ordinal)) {
        const claim = known.get(keyOf(wanted));
        if (claim !== undefined) await ownOne(set, pod, claim);
      }
    },
  };
}
