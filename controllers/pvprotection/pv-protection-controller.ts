import { persistentVolumes } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { watchSelf } from "../owned.ts";
import { isGoing, isUnprotected, withFinalizer, withoutFinalizer } from "../persistentvolume/protection.ts";

const finalizer = "kubernetes.io/pv-protection";

/** Keeps volumes as long as they are bound. https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection */
export const pvProtectionController: Controller = {
  name: "persistentvolume-protection-controller",
  serviceAccount: "pv-protection-controller",
  start({ client, informers, reconciler }) {
    const volumes = informers.of(persistentVolumes);
    const queue = reconciler({
      async reconcile(key) {
        const volume = volumes.get(key);
        if (volume === undefined) return;
        if (isGoing(volume, finalizer) && volume.status?.phase !== "Bound")
          await client.update(persistentVolumes, withoutFinalizer(volume, finalizer));
        if (isUnprotected(volume, finalizer)) await client.update(persistentVolumes, withFinalizer(volume, finalizer));
      },
    });
    watchSelf(volumes, (key) => queue.add(key));
  },
};
