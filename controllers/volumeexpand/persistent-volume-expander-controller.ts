import type { PersistentVolume, PersistentVolumeClaim } from "../../api/generated/types/core-v1.ts";
import { keyOf, type Lister } from "../../client/lister.ts";
import { persistentVolumeClaims, persistentVolumes } from "../../client/resource-types.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { type Claim, storageOf, volumeNameOf } from "../persistentvolume/claim-and-volume.ts";
import { expansion } from "./expansion.ts";

/** Lets volumes grow with their claims. https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims */
export const persistentVolumeExpanderController: Controller = {
  name: "persistentvolume-expander-controller",
  serviceAccount: "expand-controller",
  component: "volume_expand",
  start(deps) {
    const claims = deps.informers.of(persistentVolumeClaims);
    const volumes = deps.informers.of(persistentVolumes);
    const queue = deps.reconciler({ reconcile: (key) => reconcile(key, { claims, volumes, deps }) });
    const add = (claim: Claim): void => {
      if (wants(claim) > has(claim)) queue.add(keyOf(claim));
    };
    claims.on({
      added: add,
      updated(claim, old) {
        // What others write meanwhile is not worth another event.
        if (wants(claim) !== wants(old) || claim.status?.phase !== old.status?.phase) add(claim);
      },
    });
  },
};

const wants = ({ spec }: Claim): bigint => storageOf(spec?.resources?.requests);
const has = ({ status }: Claim): bigint => storageOf(status?.capacity);

interface Parts {
  readonly claims: Lister<PersistentVolumeClaim>;
  readonly volumes: Lister<PersistentVolume>;
  readonly deps: Pick<ControllerDeps, "client" | "events">;
}

async function reconcile(key: string, { claims, volumes, deps: { client, events } }: Parts): Promise<void> {
  const claim = claims.get(key);
  const volume = claim === undefined ? undefined : volumes.get(volumeNameOf(claim) ?? "");
  if (claim === undefined || volume === undefined) return;
  const step = expansion(claim, volume);
  if (step.do === "leave") {
    const message = "waiting for an external controller to expand this PVC";
    events.event(claim, { type: "Normal", reason: "ExternalExpanding", message });
  }
  if (step.do !== "grow") return;
  if (step.volume !== volume) await client.update(persistentVolumes, step.volume);
  await client.update(persistentVolumeClaims, step.claim, "status");
  const message = `ExpandVolume succeeded for volume ${key}`;
  events.event(claim, { type: "Normal", reason: "VolumeResizeSuccessful", message });
}
