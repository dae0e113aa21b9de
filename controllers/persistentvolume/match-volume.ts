import { claimClass } from "../../api/core/claim-class.ts";
import { classOf } from "../../api/core/storage-claims.ts";
import { lenientSelectorOf } from "../../api/machinery/label-selector.ts";
import { matches } from "../../api/machinery/labels.ts";
import {
  attributesClassOf,
  type Claim,
  hasModesOf,
  isReservedFor,
  modeOf,
  nameOf,
  storageOf,
  type Volume,
} from "./claim-and-volume.ts";

/**
 * The volume that a claim gets: the one that is reserved for it, or else of those that are free the one with the fewest
 * access modes beyond need, the smallest of them. With `delayed`, free ones are left for the scheduler to choose from.
 * https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding
 */
export function matchVolume(
  claim: Claim,
  volumes: Iterable<Volume>,
  { delayed }: { readonly delayed: boolean },
): Volume | undefined {
  const isFree = delayed ? () => false : freeFor(claim);
  const requested = storageOf(claim.spec?.resources?.requests);
  let best: Volume | undefined;
  for (const volume of volumes) {
    const isReserved = isReservedFor(volume, claim);
    if (!isReserved && !isFree(volume)) continue;
    if (!suits(volume, claim) || storageOf(volume.spec?.capacity) < requested) continue;
    if (isReserved) return volume;
    if (best === undefined || isCloser(volume, best)) best = volume;
  }
  return best;
}

/** A selector that cannot be read selects nothing. */
function freeFor(claim: Claim): (volume: Volume) => boolean {
  const className = claimClass(claim);
  const selector = claim.spec?.selector === undefined ? undefined : lenientSelectorOf(claim.spec.selector);
  return (volume) =>
    volume.spec?.claimRef === undefined &&
    volume.status?.phase === "Available" &&
    classOf(volume) === className &&
    (selector === undefined || matches(selector, volume.metadata?.labels ?? {}));
}

function suits(volume: Volume, claim: Claim): boolean {
  return (
    volume.metadata?.deletionTimestamp === undefined &&
    modeOf(volume) === modeOf(claim) &&
    attributesClassOf(volume) === attributesClassOf(claim) &&
    hasModesOf(volume, claim)
  );
}

function isCloser(one: Volume, other: Volume): boolean {
  const [modes, otherModes] = [one, other].map(({ spec }) => spec?.accessModes?.length ?? 0);
  if (modes !== otherModes) return (modes ?? 0) < (otherModes ?? 0);
  const [size, otherSize] = [storageOf(one.spec?.capacity), storageOf(other.spec?.capacity)];
  // By name in the end, so that the choice is the same each time.
  return size === otherSize ? nameOf(one) < nameOf(other) : size < otherSize;
}

/** Why a volume that a claim names cannot be bound to it, in upstream's words; undefined: it can. */
export function mismatch(volume: Volume, claim: Claim): string | undefined {
  if (volume.metadata?.deletionTimestamp !== undefined)
    return `the volume is marked for deletion ${JSON.stringify(nameOf(volume))}`;
  if (storageOf(volume.spec?.capacity) < storageOf(claim.spec?.resources?.requests)) return "requested PV is too small";
  if (classOf(volume) !== claimClass(claim)) return "storageClassName does not match";
  if (attributesClassOf(volume) !== attributesClassOf(claim)) return "volumeAttributesClassName does not match";
  if (modeOf(volume) !== modeOf(claim)) return "incompatible volumeMode";
  return hasModesOf(volume, claim) ? undefined : "incompatible accessMode";
}
