/** How claims and volumes are read: what is absent, older annotations, references. */
import type { PersistentVolume, PersistentVolumeClaim } from "../../api/generated/types/core-v1.ts";
import { getOwn } from "../../api/machinery/members.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { tryQuantity } from "../../api/machinery/quantity.ts";
import { keyFor } from "../../client/lister.ts";

export type Claim = DeepReadonly<PersistentVolumeClaim>;
export type Volume = DeepReadonly<PersistentVolume>;

/** Amounts by resource, as in `capacity` and `requests`. */
type Amounts = Readonly<Record<string, string>>;

export function nameOf({ metadata }: Claim | Volume): string {
  return metadata?.name ?? "";
}

/** The volume that a claim names; undefined where it names none. */
export function volumeNameOf({ spec }: Claim): string | undefined {
  return spec?.volumeName === "" ? undefined : spec?.volumeName;
}

/** The key of the claim that a volume is reserved for or bound to. */
export function claimKeyOf({ spec }: Volume): string | undefined {
  const reference = spec?.claimRef;
  return reference === undefined ? undefined : keyFor(reference.namespace, reference.name ?? "");
}

/** Which very claim a volume is bound to; undefined where it is free, or reserved by name alone. */
export function claimUidOf({ spec }: Volume): string | undefined {
  return spec?.claimRef?.uid === "" ? undefined : spec?.claimRef?.uid;
}

/** Whether a volume is bound to a claim, or reserved for it by name. */
export function isReservedFor(volume: Volume, claim: Claim): boolean {
  const reference = volume.spec?.claimRef;
  if (reference?.name !== claim.metadata?.name || reference?.namespace !== claim.metadata?.namespace) return false;
  return (claimUidOf(volume) ?? claim.metadata?.uid) === claim.metadata?.uid;
}

/** In nanos of a byte; what is absent or no quantity is nothing. */
export function storageOf(amounts: Amounts | undefined): bigint {
  const text = getOwn(amounts ?? {}, "storage");
  return (text === undefined ? undefined : tryQuantity(text)?.nano) ?? 0n;
}

export function modeOf({ spec }: Claim | Volume): string {
  return spec?.volumeMode ?? "Filesystem";
}

export function attributesClassOf({ spec }: Claim | Volume): string {
  return spec?.volumeAttributesClassName ?? "";
}

export function hasModesOf({ spec }: Volume, claim: Claim): boolean {
  return (claim.spec?.accessModes ?? []).every((mode) => spec?.accessModes?.includes(mode));
}
