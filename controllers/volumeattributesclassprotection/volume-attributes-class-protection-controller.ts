import { persistentVolumeClaims, persistentVolumes, volumeAttributesClasses } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { watchSelf } from "../owned.ts";
import { attributesClassOf, type Claim, type Volume } from "../persistentvolume/claim-and-volume.ts";
import { isGoing, isUnprotected, withFinalizer, withoutFinalizer } from "../persistentvolume/protection.ts";

const finalizer = "kubernetes.io/vac-protection";

/** Keeps classes that volumes or claims have, want, or are on their way to. https://kubernetes.io/docs/concepts/storage/volume-attributes-classes/ */
export const volumeAttributesClassProtectionController: Controller = {
  name: "volumeattributesclass-protection-controller",
  start({ client, informers, reconciler }) {
    const classes = informers.of(volumeAttributesClasses);
    const volumes = informers.of(persistentVolumes);
    const claims = informers.of(persistentVolumeClaims);
    const volumesOf = volumes.index(classesOfVolume);
    const claimsOf = claims.index(classesOfClaim);
    const queue = reconciler({
      async reconcile(name) {
        const found = classes.get(name);
        if (found === undefined) return;
        const isUsed = volumesOf(name).length + claimsOf(name).length > 0;
        if (isGoing(found, finalizer) && !isUsed)
          await client.update(volumeAttributesClasses, withoutFinalizer(found, finalizer));
        if (isUnprotected(found, finalizer))
          await client.update(volumeAttributesClasses, withFinalizer(found, finalizer));
      },
    });
    const wake = (names: readonly string[]): void => {
      for (const name of names) queue.add(name);
    };
    watchSelf(classes, (name) => queue.add(name));
    volumes.on({
      updated: (_, old) => wake(classesOfVolume(old)),
      deleted: (volume) => wake(classesOfVolume(volume)),
    });
    claims.on({ updated: (_, old) => wake(classesOfClaim(old)), deleted: (claim) => wake(classesOfClaim(claim)) });
  },
};

function classesOfVolume(volume: Volume): string[] {
  return [attributesClassOf(volume)].filter((name) => name !== "");
}

function classesOfClaim(claim: Claim): string[] {
  const { currentVolumeAttributesClassName = "", modifyVolumeStatus } = claim.status ?? {};
  const target = modifyVolumeStatus?.targetVolumeAttributesClassName ?? "";
  return [...new Set([attributesClassOf(claim), currentVolumeAttributesClassName, target])].filter(
    (name) => name !== "",
  );
}
