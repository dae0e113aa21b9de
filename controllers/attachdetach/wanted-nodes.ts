import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { isControlledBy } from "../../api/machinery/owners.ts";
import {
  type Claim,
  claimKeyOf,
  claimUidOf,
  nameOf,
  type Volume,
  volumeNameOf,
} from "../persistentvolume/claim-and-volume.ts";
import { claimNameOf, isPodDone } from "../persistentvolume/pod-claims.ts";
import type { Parts } from "./parts.ts";
import type { Wanted } from "./plan-attachments.ts";

const managedHere = "volumes.kubernetes.io/controller-managed-attach-detach";

/** Where the pods are that use a volume; nowhere, if it needs no attaching. */
export function wantedNodes(
  volume: Volume,
  { podsOf, claims, nodes, drivers }: Pick<Parts, "podsOf" | "claims" | "nodes" | "drivers">,
): Wanted {
  const wanted = new Map<string, DeepReadonly<Pod>[]>();
  const driver = volume.spec?.csi?.driver;
  // A driver that says nothing of itself is attached.
  if (driver === undefined || drivers.get(driver)?.spec.attachRequired === false) return wanted;
  const key = claimKeyOf(volume);
  const claim = key === undefined ? undefined : claims.get(key);
  if (key === undefined || claim === undefined || !isBound(claim, volume)) return wanted;
  for (const pod of podsOf(key)) {
    const node = pod.spec?.nodeName ?? "";
    if (isPodDone(pod) || !isItsClaim(pod, claim)) continue;
    if (!Object.hasOwn(nodes.get(node)?.metadata?.annotations ?? {}, managedHere)) continue;
    wanted.set(node, [...(wanted.get(node) ?? []), pod]);
  }
  return wanted;
}

function isBound(claim: Claim, volume: Volume): boolean {
  const isNamed = claim.status?.phase === "Bound" && volumeNameOf(claim) === nameOf(volume);
  return isNamed && claimUidOf(volume) === claim.metadata?.uid;
}

/** A claim that has the name of a pod's own may be another's. */
function isItsClaim(pod: DeepReadonly<Pod>, claim: Claim): boolean {
  return (pod.spec?.volumes ?? []).some(
    (volume) =>
      claimNameOf(pod, volume) === claim.metadata?.name &&
      (volume.ephemeral === undefined || isControlledBy(claim, pod)),
  );
}
