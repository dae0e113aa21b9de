/** What is written to bind a volume and a claim to each other, and to part them. */
import type { ObjectReference } from "../../api/generated/types/core-v1.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import { getOwn } from "../../api/machinery/members.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { tryQuantity } from "../../api/machinery/quantity.ts";
import {
  annotate,
  bindCompleted,
  boundByController,
  hasAnnotation,
  preResizeCapacity,
  withoutAnnotation,
} from "./annotations.ts";
import { type Claim, claimUidOf, isReservedFor, nameOf, type Volume, volumeNameOf } from "./claim-and-volume.ts";

/** One request; with a subresource it writes that alone. */
export type Write =
  | { readonly volume: Volume; readonly subresource?: "status" }
  | { readonly claim: Claim; readonly subresource?: "status" };

/** Of the volume, of the claim, and of the status of each. */
export const bindingWrites = 4;

/**
 * The next of the writes that bind the two, undefined when they are bound. The volume comes first: whoever stops
 * anywhere between them finds a volume that is reserved for the claim, and goes on.
 */
export function nextBindingWrite(volume: Volume, claim: Claim): Write | undefined {
  const reserved = reservedVolume(volume, claim);
  if (reserved !== volume) return { volume: reserved };
  const volumeInPhase = inPhase(volume, "Bound");
  if (volumeInPhase !== volume) return { volume: volumeInPhase, subresource: "status" };
  const bound = boundClaim(claim, volume);
  if (bound !== claim) return { claim: bound };
  const claimInPhase = withStatus(claim, "Bound", volume);
  return claimInPhase === claim ? undefined : { claim: claimInPhase, subresource: "status" };
}

/** The very same where nothing changes; so are all that follow. */
function reservedVolume(volume: Volume, claim: Claim): Volume {
  const isReserved = isReservedFor(volume, claim);
  if (isReserved && claimUidOf(volume) !== undefined) return volume;
  const reserved = { ...volume, spec: { ...volume.spec, claimRef: referenceTo(claim) } };
  // What a user has reserved by name stays reserved when it is parted from the claim.
  return isReserved || hasAnnotation(volume, boundByController)
    ? reserved
    : annotate(reserved, { [boundByController]: "yes" });
}

export function referenceTo({ metadata }: Claim): DeepReadonly<ObjectReference> {
  const { namespace, name, uid, resourceVersion } = metadata ?? {};
  return {
    kind: "PersistentVolumeClaim",
    apiVersion: "v1",
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}

export function inPhase(volume: Volume, phase: string, message?: string): Volume {
  if (volume.status?.phase === phase) return volume;
  const { message: _, ...others } = volume.status ?? {};
  return { ...volume, status: { ...others, phase, ...(message === undefined ? {} : { message }) } };
}

function boundClaim(claim: Claim, volume: Volume): Claim {
  const isNamed = volumeNameOf(claim) === nameOf(volume);
  if (isNamed && hasAnnotation(claim, bindCompleted)) return claim;
  const named = isNamed ? claim : { ...claim, spec: { ...claim.spec, volumeName: nameOf(volume) } };
  const isUsersWish = isNamed || hasAnnotation(claim, boundByController);
  return annotate(named, { [bindCompleted]: "yes", ...(isUsersWish ? {} : { [boundByController]: "yes" }) });
}

/** The claim's status in a phase, with what a volume gives it; without a volume it has nothing. */
export function withStatus(claim: Claim, phase: string, volume?: Volume): Claim {
  const { accessModes: _, capacity: __, currentVolumeAttributesClassName: ___, ...others } = claim.status ?? {};
  const status = { ...others, phase, ...(volume === undefined ? {} : givenBy(volume, claim, phase)) };
  return deepEqual(status, claim.status) ? claim : { ...claim, status };
}

function givenBy(volume: Volume, { status = {} }: Claim, phase: string): DeepReadonly<NonNullable<Claim["status"]>> {
  const accessModes = volume.spec?.accessModes;
  // Once bound, the claim may hold less than the volume until its file system has grown; and the class is the resizer's.
  const isNew = status.phase !== phase;
  const capacity = isNew ? capacityOf(volume) : status.capacity;
  const attributes =
    status.phase === "Pending" ? volume.spec?.volumeAttributesClassName : status.currentVolumeAttributesClassName;
  return {
    ...(accessModes === undefined ? {} : { accessModes }),
    ...(capacity === undefined ? {} : { capacity }),
    ...(attributes === undefined ? {} : { currentVolumeAttributesClassName: attributes }),
  };
}

function capacityOf({ metadata, spec }: Volume): Readonly<Record<string, string>> | undefined {
  const before = getOwn(metadata?.annotations ?? {}, preResizeCapacity);
  if (before === undefined || tryQuantity(before) === undefined) return spec?.capacity;
  return { ...spec?.capacity, storage: before };
}

/** Takes a binding back: of one that a user wished for, the reservation by name stays. */
export function partedVolume(volume: Volume): Volume {
  const { claimRef, ...spec } = volume.spec ?? {};
  if (hasAnnotation(volume, boundByController)) return { ...withoutAnnotation(volume, boundByController), spec };
  const { uid: _, ...reservation } = claimRef ?? {};
  return { ...volume, spec: { ...spec, claimRef: reservation } };
}
