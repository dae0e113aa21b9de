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

type Known = Pick<Parts, "podsOf" | "claims" | "nodes" | "drivers">;

/** Where the pods are that use a volume; nowhere, if it needs no attaching. */
export function wantedNodes(volume: Volume, known: Known): Wanted {
  const wanted = new Map<string, DeepReadonly<Pod>[]>();
  const key = claimKeyOf(volume);
  const claim = key === undefined ? undefined : known.claims.get(key);
  if (key === undefined || claim === undefined || !isBound(claim, volume) || !isAttachable(volume, known))
    return wanted;
  for (const pod of known.podsOf(key)) {
    if (isPodDone(pod) || !isItsClaim(pod, claim) || !isOnManagedNode(pod, known)) continue;
    const node = pod.spec?.nodeName ?? "";
    wanted.set(node, [...(wanted.get(node) ?? []), pod]);
  }
  return wanted;
}

/** A driver that says nothing of itself is attached. */
function isAttachable({ spec }: Volume, { drivers }: Known): boolean {
  const driver = spec?.csi?.driver;
  return driver !== undefined && drivers.get(driver)?.spec.attachRequired !== false;
}

function isOnManagedNode({ spec }: DeepReadonly<Pod>, { nodes }: Known): boolean {
  return Object.hasOwn(nodes.get(spec?.nodeName ?? "")?.metadata?.annotations ?? {}, managedHere);
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
