import type { PersistentVolume, PersistentVolumeClaim } from "../../../api/generated/types/core-v1.ts";
import type { SelectableNode } from "../../../api/core/node-selection.ts";
import { type AssumeCache, createAssumeCache } from "../../framework/assume-cache.ts";
import type { Listers } from "../../framework/listers.ts";
import { accessOf, type Match, matchingVolumes, type PersistentVolumeObject, storageOf } from "./match-volume.ts";
import { type Claim, keyOfClaim, type PodClaims, selectedNode } from "./pod-claims.ts";
import { type Provisioning, provisioningOf } from "./provisioning.ts";

export type BindingListers = Pick<
  Listers,
  "persistentVolumes" | "persistentVolumeClaims" | "storageClasses" | "csiDrivers" | "csiStorageCapacities"
>;

/** What the scheduler knows of volumes beside what informers told it. */
export interface VolumeCaches {
  readonly volumes: AssumeCache<PersistentVolume>;
  readonly claims: AssumeCache<PersistentVolumeClaim>;
}

export function createVolumeCaches({ persistentVolumes, persistentVolumeClaims }: BindingListers): VolumeCaches {
  return {
    volumes: createAssumeCache(persistentVolumes, ({ metadata }) => metadata?.name ?? ""),
    claims: createAssumeCache(persistentVolumeClaims, keyOfClaim),
  };
}

export interface StaticBinding {
  readonly claim: Claim;
  readonly volume: PersistentVolumeObject;
}

/** What is to be done when the pod goes to one node. */
export interface NodeVolumes {
  readonly bindings: readonly StaticBinding[];
  readonly provisions: readonly Claim[];
}

export const conflicts = {
  affinity: "node(s) didn't match PersistentVolume's node affinity",
  noVolume: "node(s) didn't find available persistent volumes to bind",
  noSpace: "node(s) did not have enough free storage",
  lost: "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)",
} as const;

export type Conflicts = readonly string[];

/** Asked once a cycle, and then for each node: what is to be done there, or why it cannot be. */
export function createVolumeFinder(
  { bound, delayed }: PodClaims,
  { volumes }: VolumeCaches,
  listers: BindingListers,
): (node: SelectableNode) => NodeVolumes | Conflicts {
  const boundAccess = bound.map(({ spec }) => {
    const volume = volumes.get(spec?.volumeName ?? "");
    return volume === undefined ? undefined : accessOf(volume);
  });
  const plans = createClaimPlans(delayed, volumes, listers);
  return (node) => {
    const problems: string[] = [];
    const first = boundAccess.find((access) => access === undefined || !access(node));
    if (first !== undefined) problems.push(conflicts.affinity);
    else if (boundAccess.includes(undefined)) problems.push(conflicts.lost);
    const found = planNode(node, plans);
    if (Array.isArray(found)) problems.push(...found);
    return problems.length > 0 || Array.isArray(found) ? problems : found;
  };
}

interface ClaimPlan {
  readonly claim: Claim;
  readonly selectedNode: string | undefined;
  readonly matches: readonly Match[];
  readonly provisioning: (node: SelectableNode) => Provisioning;
}

/** The smallest claims choose first. */
function createClaimPlans(
  delayed: readonly Claim[],
  volumes: AssumeCache<PersistentVolume>,
  listers: BindingListers,
): ClaimPlan[] {
  const size = ({ spec }: Claim): bigint => storageOf(spec?.resources?.requests);
  const sorted = delayed.toSorted((a, b) => (size(a) < size(b) ? -1 : size(a) > size(b) ? 1 : 0));
  return sorted.map((claim) => {
    let provisioning: ClaimPlan["provisioning"] | undefined;
    const node = selectedNode(claim);
    return {
      claim,
      selectedNode: node,
      matches: node === undefined ? matchingVolumes(claim, volumes.list()) : [],
      // Only a claim for which there is no volume must have a class.
      provisioning: (candidate) => (provisioning ??= provisioningOf(claim, listers))(candidate),
    };
  });
}

function planNode(node: SelectableNode, plans: readonly ClaimPlan[]): NodeVolumes | string[] {
  // Its volume is being made for another node.
  if (plans.some((plan) => plan.selectedNode !== undefined && plan.selectedNode !== node.name))
    return [conflicts.noVolume];
  const chosen = new Set<PersistentVolumeObject>();
  const bindings: StaticBinding[] = [];
  const toProvision: ClaimPlan[] = [];
  for (const plan of plans) {
    const match = plan.matches.find(({ volume, isAccessible }) => !chosen.has(volume) && isAccessible(node));
    if (match === undefined) {
      toProvision.push(plan);
      continue;
    }
    chosen.add(match.volume);
    bindings.push({ claim: plan.claim, volume: match.volume });
  }
  for (const { provisioning } of toProvision) {
    const answer = provisioning(node);
    if (answer !== "possible") return [answer === "impossible" ? conflicts.noVolume : conflicts.noSpace];
  }
  return { bindings, provisions: toProvision.map(({ claim }) => claim) };
}

const boundByController = "pv.kubernetes.io/bound-by-controller";

/** The volume with a reference to the claim; the very same where it has one. */
export function reserveFor(claim: Claim, volume: PersistentVolumeObject): PersistentVolumeObject {
  const reference = volume.spec?.claimRef;
  if (reference?.uid !== undefined && reference.uid === claim.metadata?.uid) return volume;
  const annotations = volume.metadata?.annotations ?? {};
  // Somebody who reserved it by name keeps it when the claim goes.
  const isOurs = reference === undefined;
  return {
    ...volume,
    metadata: {
      ...volume.metadata,
      annotations: isOurs ? { ...annotations, [boundByController]: "yes" } : annotations,
    },
    spec: { ...volume.spec, claimRef: referenceTo(claim) },
  };
}

function referenceTo({ metadata = {} }: Claim): NonNullable<NonNullable<PersistentVolumeObject["spec"]>["claimRef"]> {
  const { namespace, name, uid, resourceVersion } = metadata;
  return {
    kind: "PersistentVolumeClaim",
    apiVersion: "v1",
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}
