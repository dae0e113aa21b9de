import { claimClass } from "../../api/core/claim-class.ts";
import { classOf } from "../../api/core/storage-claims.ts";
import type { StorageClass } from "../../api/generated/types/storage-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Informer } from "../../client/informer.ts";
import { type IndexLookup, keyOf } from "../../client/lister.ts";
import type { PersistentVolume, PersistentVolumeClaim } from "../../api/generated/types/core-v1.ts";
import { bindCompleted, hasAnnotation } from "./annotations.ts";
import { type Claim, claimKeyOf, nameOf, type Volume, volumeNameOf } from "./claim-and-volume.ts";
import { isDefault } from "./default-class.ts";

export interface Watched {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  /** By the key of the claim that they refer to, or by `class:` where they are free. */
  readonly volumesBy: IndexLookup<PersistentVolume>;
}

/** What a volume is found by: nobody's name begins with `class:`. */
export function volumeIndexValues(volume: Volume): string[] {
  return [claimKeyOf(volume) ?? freeOf(classOf(volume))];
}

export const freeOf = (className: string): string => `class:${className}`;

/** Wakes claims and volumes when themselves, their counterparts, or what they could be bound to change. */
export function watchBindings(
  { claims, volumes, classes, volumesBy }: Watched,
  { wakeClaim, wakeVolume }: { readonly wakeClaim: (key: string) => void; readonly wakeVolume: (key: string) => void },
): void {
  const namingVolume = claims.index((claim) => [volumeNameOf(claim) ?? ""]);
  const unboundOfClass = claims.index((claim) => (isUnbound(claim) ? [claimClass(claim)] : []));
  const wakeClass = (className: string): void => {
    for (const claim of unboundOfClass(className)) wakeClaim(keyOf(claim));
  };
  const onClaim = (claim: Claim): void => {
    wakeClaim(keyOf(claim));
    const named = volumeNameOf(claim);
    if (named !== undefined) wakeVolume(named);
    for (const volume of volumesBy(keyOf(claim))) wakeVolume(nameOf(volume));
  };
  const onVolume = (volume: Volume): void => {
    wakeVolume(nameOf(volume));
    for (const claim of namingVolume(nameOf(volume))) wakeClaim(keyOf(claim));
    const key = claimKeyOf(volume);
    if (key !== undefined) wakeClaim(key);
    else if (volume.status?.phase === "Available" && !isDelayed(classes.get(classOf(volume))))
      wakeClass(classOf(volume));
  };
  const onClass = (storageClass: DeepReadonly<StorageClass>): void => {
    wakeClass(storageClass.metadata?.name ?? "");
    if (isDefault(storageClass)) wakeClass("");
  };
  claims.on({ added: onClaim, updated: onClaim, deleted: onClaim });
  volumes.on({ added: onVolume, updated: onVolume, deleted: onVolume });
  classes.on({ added: onClass, updated: onClass });
}

function isUnbound(claim: Claim): boolean {
  return volumeNameOf(claim) === undefined && !hasAnnotation(claim, bindCompleted);
}

function isDelayed(storageClass: DeepReadonly<StorageClass> | undefined): boolean {
  return storageClass?.volumeBindingMode === "WaitForFirstConsumer";
}
