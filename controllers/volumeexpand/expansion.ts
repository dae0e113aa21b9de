import { provisionedBy } from "../persistentvolume/annotations.ts";
import { localPathProvisioner } from "../localpath/local-path-class.ts";
import { type Claim, claimUidOf, storageOf, type Volume } from "../persistentvolume/claim-and-volume.ts";

/** What a claim that wants more than it has is to get. */
export type Expansion =
  | { readonly do: "nothing" }
  /** Who has made the volume knows how it grows. */
  | { readonly do: "leave" }
  | { readonly do: "grow"; readonly volume: Volume; readonly claim: Claim };

/** https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims */
export function expansion(claim: Claim, volume: Volume): Expansion {
  const requested = claim.spec?.resources?.requests?.["storage"];
  const isBound = claim.status?.phase === "Bound" && claimUidOf(volume) === claim.metadata?.uid;
  if (requested === undefined || !isBound) return { do: "nothing" };
  if (storageOf({ storage: requested }) <= storageOf(claim.status.capacity)) return { do: "nothing" };
  if (volume.metadata?.annotations?.[provisionedBy] !== localPathProvisioner) return { do: "leave" };
  return { do: "grow", volume: grownVolume(volume, requested), claim: grownClaim(claim, requested) };
}

/** A folder is as large as it is said to be. */
function grownVolume(volume: Volume, storage: string): Volume {
  if (storageOf(volume.spec?.capacity) >= storageOf({ storage })) return volume;
  return { ...volume, spec: { ...volume.spec, capacity: { ...volume.spec?.capacity, storage } } };
}

const resizeConditions = new Set(["Resizing", "FileSystemResizePending", "ControllerResizeError", "NodeResizeError"]);

function grownClaim(claim: Claim, storage: string): Claim {
  const { conditions = [], allocatedResourceStatuses, ...others } = claim.status ?? {};
  const { storage: _, ...statuses } = allocatedResourceStatuses ?? {};
  const left = conditions.filter(({ type }) => !resizeConditions.has(type));
  return {
    ...claim,
    status: {
      ...others,
      capacity: { ...claim.status?.capacity, storage },
      ...(Object.keys(statuses).length === 0 ? {} : { allocatedResourceStatuses: statuses }),
      ...(left.length === 0 ? {} : { conditions: left }),
    },
  };
}
