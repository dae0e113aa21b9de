import type { ResourceClaim } from "../../../api/generated/types/resource-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { PodInfo } from "../../framework/pod-info.ts";

export type Claim = DeepReadonly<ResourceClaim>;

/** Finalizer of claims that hold devices. */
export const deleteProtection = "resource.kubernetes.io/delete-protection";
/** As many pods may share a claim. */
const mostReservations = 256;

export function keyOfClaim({ metadata }: Claim): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}

/** The claims that the pod names, or why it has to wait for one of them. */
export function claimsOfPod(pod: PodInfo, get: (key: string) => Claim | undefined): Claim[] | string {
  const claims: Claim[] = [];
  for (const { name, resourceClaimName, resourceClaimTemplateName } of pod.pod.spec?.resourceClaims ?? []) {
    const made = pod.pod.status?.resourceClaimStatuses?.find((status) => status.name === name);
    if (resourceClaimName === undefined && made === undefined)
      return `pod "${pod.key}": ${resourceClaimTemplateName === undefined ? "none of the supported fields are set" : "ResourceClaim not created yet"}`;
    const claimName = resourceClaimName ?? made?.resourceClaimName;
    // It was found that the pod needs none.
    if (claimName === undefined) continue;
    const claim = get(`${pod.namespace}/${claimName}`);
    if (claim === undefined) return `resourceclaim.resource.k8s.io "${claimName}" not found`;
    if (claim.metadata?.deletionTimestamp !== undefined) return `resourceclaim "${claimName}" is being deleted`;
    if (resourceClaimName === undefined && !isFor(pod, claim))
      return `ResourceClaim ${keyOfClaim(claim)} was not created for pod ${pod.key} (pod is not owner)`;
    claims.push(claim);
  }
  return claims;
}

function isFor({ uid }: PodInfo, { metadata }: Claim): boolean {
  return (metadata?.ownerReferences ?? []).some((owner) => owner.controller === true && owner.uid === uid);
}

export function isReservedFor({ uid }: PodInfo, { status }: Claim): boolean {
  return (status?.reservedFor ?? []).some((consumer) => consumer.uid === uid);
}

export function canBeReserved({ status }: Claim): boolean {
  return (status?.reservedFor ?? []).length < mostReservations;
}
