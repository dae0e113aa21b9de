/**
 * Who owns the claims of a StatefulSet, and takes them along when it goes.
 * https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention
 */
import type { PersistentVolumeClaim } from "../../api/generated/types/core-v1.ts";
import { controllerReference } from "../../api/machinery/owners.ts";
import type { DeepReadonly, KubeObject, OwnerReference } from "../../api/machinery/object.ts";
import { pods, type ResourceType, statefulSets } from "../../client/resource-types.ts";
import { type AnyPod, type AnySet, isWanted, ordinalOf } from "./identity.ts";

type Claim = DeepReadonly<PersistentVolumeClaim>;
type Reference = DeepReadonly<OwnerReference>;

interface Owner {
  readonly type: ResourceType;
  readonly object: DeepReadonly<KubeObject>;
}

const ownersIn = (set: AnySet, pod: AnyPod): readonly Owner[] => [
  { type: statefulSets, object: set },
  { type: pods, object: pod },
];

interface Policy {
  readonly whenDeleted: boolean;
  readonly whenScaled: boolean;
}

/** What is not known is Retain. */
function deletes({ spec }: AnySet): Policy {
  const { whenDeleted, whenScaled } = spec?.persistentVolumeClaimRetentionPolicy ?? {};
  return { whenDeleted: whenDeleted === "Delete", whenScaled: whenScaled === "Delete" };
}

/** The references that a claim should have; undefined where they are as they should be, or not ours to touch. */
export function claimOwners(claim: Claim, set: AnySet, pod: AnyPod): Reference[] | undefined {
  const before = claim.metadata?.ownerReferences ?? [];
  const owners = ownersIn(set, pod);
  // Left by one of the same name that is gone: the garbage collector takes the claim.
  if (owners.some((owner) => isStale(before, owner))) return undefined;
  const ours = (reference: Reference): boolean => owners.some(({ object }) => reference.uid === object.metadata?.uid);
  const wanted = hasOtherController(claim, set, pod) ? [] : wantedOwners(set, pod);
  const kept = before.filter(ours);
  const isRight =
    kept.length === wanted.length &&
    wanted.every(({ object }) =>
      kept.some(({ uid, controller }) => uid === object.metadata?.uid && controller === true),
    );
  if (isRight) return undefined;
  return [
    ...before.filter((reference) => !owners.some((owner) => refersTo(reference, owner))),
    ...wanted.map(({ type, object }) => controllerReference(object, type)),
  ];
}

/** The set takes it along when it is deleted; the pod when it is too many. */
function wantedOwners(set: AnySet, pod: AnyPod): readonly Owner[] {
  const { whenDeleted, whenScaled } = deletes(set);
  const ordinal = ordinalOf(pod, set);
  const isScaledDown = whenScaled && (ordinal === undefined || !isWanted(set, ordinal));
  if (isScaledDown) return [{ type: pods, object: pod }];
  return whenDeleted ? [{ type: statefulSets, object: set }] : [];
}

/** Whether somebody else manages the claim, so that the policy cannot be kept. */
export function hasOtherController(claim: Claim, set: AnySet, pod: AnyPod): boolean {
  const { whenDeleted, whenScaled } = deletes(set);
  if (!whenDeleted && !whenScaled) return false;
  return (claim.metadata?.ownerReferences ?? []).some((reference) => {
    const owner = ownersIn(set, pod).find((one) => refersTo(reference, one));
    return owner === undefined ? reference.controller === true : reference.uid !== owner.object.metadata?.uid;
  });
}

/**
 * Whether a claim goes with an earlier pod of the same name, so that a new pod must wait for a new claim. The pod is
 * not there yet: whatever refers to its name means another one.
 */
export function isLeftBehind(claim: Claim, set: AnySet, podName: string): boolean {
  if (!deletes(set).whenScaled) return false;
  const owner = { type: pods, object: { metadata: { name: podName } } };
  return (claim.metadata?.ownerReferences ?? []).some((reference) => refersTo(reference, owner));
}

function isStale(references: readonly Reference[], owner: Owner): boolean {
  const reference = references.find((one) => refersTo(one, owner));
  return reference !== undefined && reference.uid !== owner.object.metadata?.uid;
}

function refersTo(reference: Reference, { type, object }: Owner): boolean {
  return (
    reference.kind === type.kind && reference.apiVersion === type.apiVersion && reference.name === object.metadata?.name
  );
}
