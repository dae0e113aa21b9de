import { claimClass } from "../../api/core/claim-class.ts";
import type { StorageClass } from "../../api/generated/types/storage-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { ObjectEvent } from "../../client/event-recorder.ts";
import { bindCompleted, boundByController, hasAnnotation, selectedNode } from "./annotations.ts";
import { type Claim, claimUidOf, isReservedFor, nameOf, type Volume, volumeNameOf } from "./claim-and-volume.ts";
import { mismatch } from "./match-volume.ts";
import { provisionerOf } from "./provisioner.ts";

/** What is to be done for a claim. Events of one that waits are told each time it is looked at; of one that is lost, once. */
export type ClaimPlan =
  | { readonly do: "bind"; readonly volume: Volume }
  | { readonly do: "assign class"; readonly className: string }
  /** Somebody else is asked to make a volume. */
  | { readonly do: "ask"; readonly provisioner: string; readonly event: ObjectEvent }
  | { readonly do: "tell"; readonly event: ObjectEvent }
  | { readonly do: "wait"; readonly event?: ObjectEvent }
  | { readonly do: "lose"; readonly event: ObjectEvent };

/** What is known of the world around a claim; each is asked only where it matters. */
export interface ClaimView {
  volume(name: string): Volume | undefined;
  /** The volume that it would get. */
  match(delayed: boolean): Volume | undefined;
  storageClass(name: string): DeepReadonly<StorageClass> | undefined;
  defaultClass(): string | undefined;
  /** Names of pods that use it and have no node yet. */
  waitingPods(): readonly string[];
}

export function planClaim(claim: Claim, view: ClaimView): ClaimPlan {
  if (hasAnnotation(claim, bindCompleted)) return planBound(claim, view);
  const wished = volumeNameOf(claim);
  return wished === undefined ? planAny(claim, view) : planWished(claim, wished, view);
}

/** Once bound, it is bound for ever, or lost. */
function planBound(claim: Claim, view: ClaimView): ClaimPlan {
  const name = volumeNameOf(claim);
  if (name === undefined)
    return lose("ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!");
  const volume = view.volume(name);
  if (volume === undefined)
    return lose("ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
  if (volume.spec?.claimRef === undefined || claimUidOf(volume) === claim.metadata?.uid) return { do: "bind", volume };
  return lose("ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly");
}

function lose(reason: string, message: string): ClaimPlan {
  return { do: "lose", event: { type: "Warning", reason, message } };
}

function planWished(claim: Claim, name: string, view: ClaimView): ClaimPlan {
  const volume = view.volume(name);
  if (volume === undefined) return { do: "wait" };
  if (volume.spec?.claimRef === undefined) {
    const problem = mismatch(volume, claim);
    if (problem === undefined) return { do: "bind", volume };
    const message = `Cannot bind to requested volume ${JSON.stringify(nameOf(volume))}: ${problem}`;
    return { do: "wait", event: { type: "Warning", reason: "VolumeMismatch", message } };
  }
  if (isReservedFor(volume, claim)) return { do: "bind", volume };
  const message = `volume ${JSON.stringify(nameOf(volume))} already bound to a different claim.`;
  const event: ObjectEvent = { type: "Warning", reason: "FailedBinding", message };
  return { do: hasAnnotation(claim, boundByController) ? "tell" : "wait", event };
}

function planAny(claim: Claim, view: ClaimView): ClaimPlan {
  const className = claimClass(claim);
  const storageClass = className === "" ? undefined : view.storageClass(className);
  const delayed = storageClass?.volumeBindingMode === "WaitForFirstConsumer";
  const volume = view.match(delayed);
  if (volume !== undefined) return { do: "bind", volume };
  const assigned = asksForNoClass(claim) ? view.defaultClass() : undefined;
  if (assigned !== undefined) return { do: "assign class", className: assigned };
  if (delayed && !hasAnnotation(claim, selectedNode)) return { do: "wait", event: consumerEvent(view.waitingPods()) };
  if (className !== "") return planProvisioning(className, storageClass);
  const message = "no persistent volumes available for this claim and no storage class is set";
  return { do: "wait", event: { type: "Normal", reason: "FailedBinding", message } };
}

/** Not even for the empty one. */
function asksForNoClass(claim: Claim): boolean {
  return claim.spec?.storageClassName === undefined && !hasAnnotation(claim, "volume.beta.kubernetes.io/storage-class");
}

function consumerEvent(pods: readonly string[]): ObjectEvent {
  if (pods.length === 0) {
    const message = "waiting for first consumer to be created before binding";
    return { type: "Normal", reason: "WaitForFirstConsumer", message };
  }
  const message = `waiting for ${pods.length === 1 ? "pod" : "pods"} ${pods.join(",")} to be scheduled`;
  return { type: "Normal", reason: "WaitForPodScheduled", message };
}

function planProvisioning(className: string, storageClass: DeepReadonly<StorageClass> | undefined): ClaimPlan {
  const provisioner =
    storageClass === undefined
      ? { problem: `storageclass.storage.k8s.io ${JSON.stringify(className)} not found` }
      : provisionerOf(storageClass);
  if ("problem" in provisioner)
    return { do: "tell", event: { type: "Warning", reason: "ProvisioningFailed", message: provisioner.problem } };
  const message =
    `Waiting for a volume to be created either by the external provisioner '${provisioner.external}' ` +
    "or manually by the system administrator. If volume creation is delayed, please verify that " +
    "the provisioner is running and correctly registered.";
  const event: ObjectEvent = { type: "Normal", reason: "ExternalProvisioning", message };
  return { do: "ask", provisioner: provisioner.external, event };
}
