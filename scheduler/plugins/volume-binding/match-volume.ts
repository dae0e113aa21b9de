/** Which of the volumes that exist already would do for a claim, and where. */
import { claimClass } from "../../../api/core/claim-class.ts";
import { matcherOf, type SelectableNode } from "../../../api/core/node-selection.ts";
import type { PersistentVolume } from "../../../api/generated/types/core-v1.ts";
import { lenientSelectorOf } from "../../../api/machinery/label-selector.ts";
import { matches } from "../../../api/machinery/labels.ts";
import { getOwn } from "../../../api/machinery/members.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { tryQuantity } from "../../../api/machinery/quantity.ts";
import type { Claim } from "./pod-claims.ts";

export type PersistentVolumeObject = DeepReadonly<PersistentVolume>;

/** A volume that would do for a claim, on the nodes that have access to it. */
export interface Match {
  readonly volume: PersistentVolumeObject;
  readonly isAccessible: (node: SelectableNode) => boolean;
}

/** The one that is reserved for the claim, or else those that are free, the smallest first. */
export function matchingVolumes(claim: Claim, volumes: Iterable<PersistentVolumeObject>): Match[] {
  const className = claimClass(claim);
  const requested = storageOf(claim.spec?.resources?.requests);
  const fitting: { readonly volume: PersistentVolumeObject; readonly size: bigint }[] = [];
  for (const volume of volumes) {
    if (volumeClass(volume) !== className || volume.metadata?.deletionTimestamp !== undefined) continue;
    const size = storageOf(volume.spec?.capacity);
    if (size < requested || !suits(volume, claim)) continue;
    if (isReservedFor(volume, claim)) return [asMatch(volume)];
    if (volume.spec?.claimRef === undefined && isFree(volume, claim)) fitting.push({ volume, size });
  }
  fitting.sort((a, b) => (a.size < b.size ? -1 : a.size > b.size ? 1 : 0));
  return fitting.map(({ volume }) => asMatch(volume));
}

function asMatch(volume: PersistentVolumeObject): Match {
  return { volume, isAccessible: accessOf(volume) };
}

/** By the volume's node affinity; one without is everywhere. */
export function accessOf({ spec }: PersistentVolumeObject): (node: SelectableNode) => boolean {
  const required = spec?.nodeAffinity?.required;
  return required === undefined ? () => true : matcherOf(required);
}

export function storageOf(amounts: DeepReadonly<Record<string, string>> | undefined): bigint {
  const text = getOwn(amounts ?? {}, "storage");
  return (text === undefined ? undefined : tryQuantity(text)?.nano) ?? 0n;
}

function volumeClass({ metadata, spec }: PersistentVolumeObject): string {
  return getOwn(metadata?.annotations ?? {}, "volume.beta.kubernetes.io/storage-class") ?? spec?.storageClassName ?? "";
}

function suits({ spec }: PersistentVolumeObject, claim: Claim): boolean {
  const modes = claim.spec?.accessModes ?? [];
  return (
    (spec?.volumeMode ?? "Filesystem") === (claim.spec?.volumeMode ?? "Filesystem") &&
    modes.every((mode) => spec?.accessModes?.includes(mode)) &&
    (spec?.volumeAttributesClassName ?? "") === (claim.spec?.volumeAttributesClassName ?? "")
  );
}

function isReservedFor({ spec }: PersistentVolumeObject, { metadata }: Claim): boolean {
  const reserved = spec?.claimRef;
  if (reserved === undefined) return false;
  return (
    reserved.name === metadata?.name &&
    reserved.namespace === metadata?.namespace &&
    (!reserved.uid || reserved.uid === metadata?.uid)
  );
}

function isFree({ metadata, status }: PersistentVolumeObject, { spec }: Claim): boolean {
  if (status?.phase !== "Available") return false;
  return spec?.selector === undefined || matches(lenientSelectorOf(spec.selector), metadata?.labels);
}
