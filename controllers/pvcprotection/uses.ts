import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { isControlledBy } from "../../api/machinery/owners.ts";
import type { Claim } from "../persistentvolume/claim-and-volume.ts";
import { claimNameOf } from "../persistentvolume/pod-claims.ts";

/**
 * Whether a pod keeps a claim: one without a node will never start with a claim that goes. Also one that has ended
 * keeps it, as long as it is there; but of a claim that is the pod's own the two would wait for each other.
 */
export function uses(pod: DeepReadonly<Pod>, claim: Claim): boolean {
  if ((pod.spec?.nodeName ?? "") === "" || pod.metadata?.namespace !== claim.metadata?.namespace) return false;
  return (pod.spec?.volumes ?? []).some(
    (volume) =>
      claimNameOf(pod, volume) === claim.metadata?.name &&
      (volume.ephemeral === undefined || (!isShutDown(pod) && isControlledBy(claim, pod))),
  );
}

/** The kubelet is done with it, or somebody has forced its deletion. */
function isShutDown({ metadata }: DeepReadonly<Pod>): boolean {
  return metadata?.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;
}
