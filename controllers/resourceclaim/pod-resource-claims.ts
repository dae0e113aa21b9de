/** Which ResourceClaims a pod has, wants, and no longer needs. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/ */
import type { Pod, PodResourceClaim } from "../../api/generated/types/core-v1.ts";
import type { ResourceClaim, ResourceClaimTemplate } from "../../api/generated/types/resource-v1.ts";
import { isPodTerminal, isPodTerminating } from "../../api/core/pod-state.ts";
import { getOwn } from "../../api/machinery/members.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { isControlledBy } from "../../api/machinery/owners.ts";
import { keyFor } from "../../client/lister.ts";

export type PodObject = DeepReadonly<Pod>;
export type ClaimObject = DeepReadonly<ResourceClaim>;
type PodClaim = DeepReadonly<PodResourceClaim>;

/** On claims that were made from a template: for which of the pod's claims. */
export const podClaimAnnotation = "resource.kubernetes.io/pod-claim-name";
/** Of claims that may be allocated. */
export const claimFinalizer = "resource.kubernetes.io/delete-protection";

/** The claim behind an entry of a pod. */
export type Behind =
  | { readonly is: "named"; readonly name: string; readonly isGenerated: boolean }
  | { readonly is: "not needed" | "not made" };

export function claimBehind(
  { status }: PodObject,
  { name, resourceClaimName, resourceClaimTemplateName }: PodClaim,
): Behind {
  if (resourceClaimName !== undefined) return { is: "named", name: resourceClaimName, isGenerated: false };
  if (resourceClaimTemplateName === undefined) return { is: "not needed" };
  const made = status?.resourceClaimStatuses?.find((one) => one.name === name);
  if (made === undefined) return { is: "not made" };
  return made.resourceClaimName === undefined
    ? { is: "not needed" }
    : { is: "named", name: made.resourceClaimName, isGenerated: true };
}

/** The keys of the claims that a pod is known to have; also the one that the scheduler has made for extended resources. */
export function resourceClaimKeysOf(pod: PodObject): string[] {
  const names = (pod.spec?.resourceClaims ?? []).map((entry) => claimBehind(pod, entry));
  const keys = names.flatMap((behind) => (behind.is === "named" ? [keyFor(pod.metadata?.namespace, behind.name)] : []));
  const extended = pod.status?.extendedResourceClaimStatus?.resourceClaimName;
  return extended === undefined ? keys : [...keys, keyFor(pod.metadata?.namespace, extended)];
}

export function templateKeysOf({ metadata, spec }: PodObject): string[] {
  return (spec?.resourceClaims ?? []).flatMap(({ resourceClaimTemplateName: name }) =>
    name === undefined ? [] : [keyFor(metadata?.namespace, name)],
  );
}

/** It does not run, and never will. */
export function isDone(pod: PodObject): boolean {
  return isPodTerminal(pod) || (isPodTerminating(pod) && (pod.spec?.nodeName ?? "") === "");
}

/** The entries whose claims have to be made from their templates. `find`: a claim of the pod's namespace, by name. */
export function entriesToMake(pod: PodObject, find: (name: string) => ClaimObject | undefined): PodClaim[] {
  return (pod.spec?.resourceClaims ?? []).filter((entry) => {
    if (entry.resourceClaimTemplateName === undefined) return false;
    const behind = claimBehind(pod, entry);
    if (behind.is !== "named") return behind.is === "not made";
    const claim = find(behind.name);
    return claim === undefined || !isControlledBy(claim, pod);
  });
}

/** At most so many users a claim has. */
const mostConsumers = 256;

/** The claims of a pod that got its node without the scheduler: nobody else reserves them. */
export function claimsToReserve(pod: PodObject, find: (name: string) => ClaimObject | undefined): ClaimObject[] {
  if ((pod.spec?.nodeName ?? "") === "") return [];
  return (pod.spec?.resourceClaims ?? []).flatMap((entry) => {
    const behind = claimBehind(pod, entry);
    const claim = behind.is === "named" ? find(behind.name) : undefined;
    if (claim?.status?.allocation === undefined) return [];
    const { reservedFor = [] } = claim.status;
    const isReserved = reservedFor.some(({ uid }) => uid === pod.metadata?.uid);
    const isForeign = behind.is === "named" && behind.isGenerated && !isControlledBy(claim, pod);
    return isReserved || isForeign || reservedFor.length >= mostConsumers ? [] : [claim];
  });
}

export function reservedClaim(claim: ClaimObject, { metadata }: PodObject): ClaimObject {
  const consumer = { resource: "pods", name: metadata?.name ?? "", uid: metadata?.uid ?? "" };
  return { ...claim, status: { ...claim.status, reservedFor: [...(claim.status?.reservedFor ?? []), consumer] } };
}

export function isMadeFor(claim: ClaimObject, { name }: PodClaim): boolean {
  return getOwn(claim.metadata?.annotations ?? {}, podClaimAnnotation) === name;
}

export function claimFromTemplate(
  { metadata: pod = {} }: PodObject,
  { name }: PodClaim,
  { spec: template }: DeepReadonly<ResourceClaimTemplate>,
): ClaimObject {
  const { annotations, labels } = template.metadata ?? {};
  const owner = { apiVersion: "v1", kind: "Pod", name: pod.name ?? "", uid: pod.uid ?? "", controller: true };
  return {
    metadata: {
      namespace: pod.namespace ?? "",
      generateName: generatedPrefix(pod.name ?? "", name),
      annotations: { ...annotations, [podClaimAnnotation]: name },
      ...(labels === undefined ? {} : { labels }),
      ownerReferences: [owner],
    },
    spec: template.spec,
  };
}

/** Leaves room for a dash and five characters of 63. */
const longestPrefix = 57;

/** Where it is too long, both names are cut in proportion, so that something of each is left. */
function generatedPrefix(pod: string, entry: string): string {
  const whole = `${pod}-${entry}-`;
  if (whole.length <= longestPrefix) return whole;
  const share = (name: string): string => name.slice(0, Math.floor((name.length * longestPrefix) / whole.length));
  return `${share(pod)}-${share(entry)}`;
}
