import { claimClass } from "../../api/core/claim-class.ts";
import type { Node, PersistentVolume, PersistentVolumeClaim } from "../../api/generated/types/core-v1.ts";
import type { StorageClass } from "../../api/generated/types/storage-v1.ts";
import { getOwn } from "../../api/machinery/members.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { keyOf, type Lister } from "../../client/lister.ts";
import type { Outcome } from "../../client/reconciler.ts";
import { nodes, persistentVolumeClaims, persistentVolumes, storageClasses } from "../../client/resource-types.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { watchSelf } from "../owned.ts";
import { provisionedBy, selectedNode, withoutAnnotation } from "../persistentvolume/annotations.ts";
import { type Claim, nameOf, type Volume } from "../persistentvolume/claim-and-volume.ts";
import { withoutFinalizer } from "../persistentvolume/protection.ts";
import { localPathProvisioner } from "./local-path-class.ts";
import { planProvisioning, volumeFinalizer, volumeNameFor } from "./local-volume.ts";

/** A claim that cannot be served is refused again after so long: whoever looks later sees why. */
const refuseEveryMs = 60_000;

/**
 * Makes volumes in a folder of the node that the scheduler has chosen, and deletes them. The folder itself is the
 * node's: it is made when a pod mounts it, and is waste when its volume is no more.
 */
export const localPathProvisionerController: Controller = {
  name: "local-path-provisioner-controller",
  serviceAccount: "persistent-volume-binder",
  component: localPathProvisioner,
  start(deps) {
    const { informers, reconciler } = deps;
    const parts: Parts = {
      claims: informers.of(persistentVolumeClaims),
      volumes: informers.of(persistentVolumes),
      classes: informers.of(storageClasses),
      nodes: informers.of(nodes),
      deps,
    };
    const claimQueue = reconciler({
      name: "local-path-provisioner-controller claims",
      reconcile: (key) => provision(key, parts),
    });
    const volumeQueue = reconciler({
      name: "local-path-provisioner-controller volumes",
      reconcile: (key) => reconcileVolume(parts.volumes.get(key), deps),
    });
    watchSelf(informers.of(persistentVolumeClaims), (key) => claimQueue.add(key));
    watchSelf(informers.of(persistentVolumes), (key) => volumeQueue.add(key));
  },
};

interface Parts {
  readonly claims: Lister<PersistentVolumeClaim>;
  readonly volumes: Lister<PersistentVolume>;
  readonly classes: Lister<StorageClass>;
  readonly nodes: Lister<Node>;
  readonly deps: Pick<ControllerDeps, "client" | "events" | "config">;
}

async function provision(key: string, parts: Parts): Promise<Outcome> {
  const { claims, volumes, classes, nodes: known, deps } = parts;
  const claim = claims.get(key);
  if (claim === undefined || volumes.get(volumeNameFor(claim)) !== undefined) return undefined;
  const plan = planProvisioning(claim, {
    storageClass: classes.get(claimClass(claim)),
    node: (name) => known.get(name),
    localPath: deps.config.localPath,
  });
  if (plan === undefined) return undefined;
  if (plan.do === "make") return make(claim, plan.volume, deps);
  deps.events.event(claim, { type: "Warning", reason: "ProvisioningFailed", message: plan.message });
  if (plan.do === "refuse") return { after: refuseEveryMs };
  await deps.client.update(persistentVolumeClaims, withoutAnnotation(claim, selectedNode));
  return undefined;
}

async function make(
  claim: Claim,
  volume: DeepReadonly<PersistentVolume>,
  { client, events }: Parts["deps"],
): Promise<void> {
  const name = nameOf(volume);
  const message = `External provisioner is provisioning volume for claim ${JSON.stringify(keyOf(claim))}`;
  events.event(claim, { type: "Normal", reason: "Provisioning", message });
  try {
    await client.create(persistentVolumes, volume);
  } catch (thrown) {
    // Its name is the claim's: it is of this very claim.
    if (thrown instanceof ApiError && thrown.reason === "AlreadyExists") return;
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    const failed = `Error creating provisioned PV object for claim ${keyOf(claim)}: ${why}. Deleting the volume.`;
    events.event(claim, { type: "Warning", reason: "ProvisioningFailed", message: failed });
    throw thrown;
  }
  events.event(claim, {
    type: "Normal",
    reason: "ProvisioningSucceeded",
    message: `Successfully provisioned volume ${name}`,
  });
}

async function reconcileVolume(volume: Volume | undefined, { client }: Parts["deps"]): Promise<void> {
  if (volume === undefined) return;
  if (getOwn(volume.metadata?.annotations ?? {}, provisionedBy) !== localPathProvisioner) return;
  const { uid, deletionTimestamp } = volume.metadata ?? {};
  if (volume.spec?.persistentVolumeReclaimPolicy !== "Delete") return release(volume, client);
  if (volume.status?.phase !== "Released") return undefined;
  if (deletionTimestamp === undefined)
    await client.delete(persistentVolumes, { name: nameOf(volume) }, { preconditions: { uid } });
  else await release(volume, client);
}

/** From here on nothing but its own finalizers keeps it. */
async function release(volume: Volume, client: ControllerDeps["client"]): Promise<void> {
  if (!(volume.metadata?.finalizers ?? []).includes(volumeFinalizer)) return;
  await client.update(persistentVolumes, withoutFinalizer(volume, volumeFinalizer));
}
