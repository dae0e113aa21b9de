import type { ObjectEvent } from "../../client/event-recorder.ts";
import { hasAnnotation, provisionedBy } from "./annotations.ts";
import { type Claim, claimUidOf, modeOf, nameOf, type Volume, volumeNameOf } from "./claim-and-volume.ts";

export type VolumePlan =
  | { readonly do: "be"; readonly phase: "Available" | "Bound" }
  /** The claim knows what to do. */
  | { readonly do: "wake claim" }
  | { readonly do: "tell"; readonly volume: ObjectEvent; readonly claim: ObjectEvent }
  | { readonly do: "part" }
  | { readonly do: "release" };

/** `claim`: the one that the volume refers to, by name; undefined where there is none. */
export function planVolume(volume: Volume, claim: Claim | undefined): VolumePlan {
  const uid = claimUidOf(volume);
  if (uid === undefined) return { do: "be", phase: "Available" };
  // Another claim of the same name is not the one.
  if (claim === undefined || claim.metadata?.uid !== uid) return { do: "release" };
  const name = volumeNameOf(claim);
  if (name === nameOf(volume)) return { do: "be", phase: "Bound" };
  if (name === undefined) return modeOf(volume) === modeOf(claim) ? { do: "wake claim" } : tellOfModes(volume, claim);
  // The claim has got another one. What was made for it alone is of no use to anybody.
  const isWaste = hasAnnotation(volume, provisionedBy) && volume.spec?.persistentVolumeReclaimPolicy === "Delete";
  return { do: isWaste ? "release" : "part" };
}

/** Nobody else would say why the two do not come together. */
function tellOfModes(volume: Volume, claim: Claim): VolumePlan {
  const warning = (what: string): ObjectEvent => {
    const message = `Cannot bind ${what} due to incompatible volumeMode.`;
    return { type: "Warning", reason: "VolumeMismatch", message };
  };
  return {
    do: "tell",
    volume: warning(`PersistentVolume to requested PersistentVolumeClaim ${JSON.stringify(nameOf(claim))}`),
    claim: warning(`PersistentVolume ${JSON.stringify(nameOf(volume))} to requested PersistentVolumeClaim`),
  };
}
