import { claimClass } from "../../../api/core/claim-class.ts";
import type { PersistentVolumeClaim } from "../../../api/generated/types/core-v1.ts";
import type { StorageClass } from "../../../api/generated/types/storage-v1.ts";
import { getOwn } from "../../../api/machinery/members.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { Lister } from "../../framework/listers.ts";
import { claimsOf, type PodClaim, type PodInfo } from "../../framework/pod-info.ts";

export type Claim = DeepReadonly<PersistentVolumeClaim>;

/** The claims of a pod, by what is left to do for them. */
export interface PodClaims {
  readonly bound: readonly Claim[];
  /** For the scheduler to bind, once it has chosen a node. */
  readonly delayed: readonly Claim[];
  /** Others bind these, and should have. */
  readonly immediate: readonly Claim[];
}

export const selectedNodeAnnotation = "volume.kubernetes.io/selected-node";
const bindCompleted = "pv.kubernetes.io/bind-completed";

export function keyOfClaim({ metadata }: Claim): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}

export function isFullyBound({ metadata, spec }: Claim): boolean {
  return Boolean(spec?.volumeName) && Object.hasOwn(metadata?.annotations ?? {}, bindCompleted);
}

export function selectedNode({ metadata }: Claim): string | undefined {
  return getOwn(metadata?.annotations ?? {}, selectedNodeAnnotation);
}

/** Why the pod cannot go anywhere now; undefined: it can be tried. */
export function claimProblem(pod: PodInfo, claims: Lister<PersistentVolumeClaim>): string | undefined {
  for (const { key, name, isEphemeral } of claimsOf(pod.pod)) {
    const claim = claims.get(key);
    if (claim === undefined)
      return isEphemeral
        ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
        : `persistentvolumeclaim "${name}" not found`;
    if (claim.status?.phase === "Lost")
      return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ""}"`;
    if (claim.metadata?.deletionTimestamp !== undefined) return `persistentvolumeclaim "${name}" is being deleted`;
    if (isEphemeral && !isOwnedBy(pod, claim))
      return `PVC ${key} was not created for pod ${pod.key} (pod is not owner)`;
  }
  return undefined;
}

function isOwnedBy({ uid }: PodInfo, { metadata }: Claim): boolean {
  return (metadata?.ownerReferences ?? []).some((owner) => owner.controller === true && owner.uid === uid);
}

export interface ClaimSources {
  readonly claims: Lister<PersistentVolumeClaim>;
  readonly storageClasses: Lister<StorageClass>;
}

/** Throws where a claim is gone, or its class says nothing of when to bind. */
export function sortClaims(wanted: readonly PodClaim[], { claims, storageClasses }: ClaimSources): PodClaims {
  const [bound, delayed, immediate]: [Claim[], Claim[], Claim[]] = [[], [], []];
  for (const { key } of wanted) {
    const claim = claims.get(key);
    if (claim === undefined)
      throw new Error(`error getting PVC "${key}": could not find v1.PersistentVolumeClaim "${key}"`);
    if (isFullyBound(claim)) bound.push(claim);
    else if (!claim.spec?.volumeName && isDelayed(claim, storageClasses)) delayed.push(claim);
    else immediate.push(claim);
  }
  return { bound, delayed, immediate };
}

function isDelayed(claim: Claim, storageClasses: Lister<StorageClass>): boolean {
  const className = claimClass(claim);
  const storageClass = className === "" ? undefined : storageClasses.get(className);
  if (storageClass === undefined) return false;
  if (!storageClass.volumeBindingMode) throw new Error(`VolumeBindingMode not set for StorageClass "${className}"`);
  return storageClass.volumeBindingMode === "WaitForFirstConsumer";
}
