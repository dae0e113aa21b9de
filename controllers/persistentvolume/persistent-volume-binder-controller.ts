import { claimClass } from "../../api/core/claim-class.ts";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Client } from "../../client/client.ts";
import type { ObjectEvent } from "../../client/event-recorder.ts";
import { type IndexLookup, splitKey } from "../../client/lister.ts";
import type { Outcome } from "../../client/reconciler.ts";
import {
  persistentVolumeClaims,
  persistentVolumes,
  pods as podType,
  storageClasses,
} from "../../client/resource-types.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { annotate, betaStorageProvisioner, storageProvisioner } from "./annotations.ts";
import { bindingWrites, inPhase, nextBindingWrite, partedVolume, withStatus } from "./binding.ts";
import { type Claim, claimKeyOf, claimUidOf, nameOf, type Volume } from "./claim-and-volume.ts";
import { defaultClass } from "./default-class.ts";
import { matchVolume } from "./match-volume.ts";
import { type ClaimPlan, type ClaimView, planClaim } from "./plan-claim.ts";
import { planVolume } from "./plan-volume.ts";
import { claimKeysOf, isPodDone } from "./pod-claims.ts";
import { withoutFinalizer } from "./protection.ts";
import { reclaim } from "./reclaim.ts";
import { freeOf, volumeIndexValues, watchBindings, type Watched } from "./wake-ups.ts";

/** So often a claim that waits is looked at, and told again what for. */
const lookEveryMs = 15_000;

/** Binds claims and volumes to each other. https://kubernetes.io/docs/concepts/storage/persistent-volumes/ */
export const persistentVolumeBinderController: Controller = {
  name: "persistentvolume-binder-controller",
  serviceAccount: "persistent-volume-binder",
  component: "persistentvolume-controller",
  start(deps) {
    const volumes = deps.informers.of(persistentVolumes);
    const parts: Parts = {
      claims: deps.informers.of(persistentVolumeClaims),
      volumes,
      classes: deps.informers.of(storageClasses),
      volumesBy: volumes.index(volumeIndexValues),
      podsOf: deps.informers.of(podType).index(claimKeysOf),
      chosen: new Set(),
      deps,
      wakeClaim: (key) => claimQueue.add(key),
    };
    const claimQueue = deps.reconciler({
      name: "persistentvolume-binder-controller claims",
      reconcile: (key) => reconcileClaim(key, parts),
    });
    const volumeQueue = deps.reconciler({
      name: "persistentvolume-binder-controller volumes",
      reconcile: (key) => reconcileVolume(key, parts),
    });
    watchBindings(parts, { wakeClaim: parts.wakeClaim, wakeVolume: (key) => volumeQueue.add(key) });
  },
};

interface Parts extends Watched {
  /** By the key of a claim. */
  readonly podsOf: IndexLookup<Pod>;
  /** Names of the volumes that are being bound: claims that are looked at meanwhile choose others. */
  readonly chosen: Set<string>;
  readonly deps: Pick<ControllerDeps, "client" | "events">;
  readonly wakeClaim: (key: string) => void;
}

async function reconcileClaim(key: string, parts: Parts): Promise<Outcome> {
  const claim = parts.claims.get(key);
  if (claim === undefined) return undefined;
  return perform(planClaim(claim, viewOf(key, claim, parts)), claim, parts);
}

function viewOf(key: string, claim: Claim, parts: Parts): ClaimView {
  const { volumes, classes, volumesBy, podsOf, chosen } = parts;
  const free = (): readonly Volume[] =>
    volumesBy(freeOf(claimClass(claim))).filter((volume) => !chosen.has(nameOf(volume)));
  return {
    volume: (name) => volumes.get(name),
    match: (delayed) => matchVolume(claim, delayed ? volumesBy(key) : [...volumesBy(key), ...free()], { delayed }),
    storageClass: (name) => classes.get(name),
    defaultClass: () => defaultClass(classes.list()),
    waitingPods: () =>
      podsOf(key)
        .filter((pod) => !isPodDone(pod) && (pod.spec?.nodeName ?? "") === "")
        .map(({ metadata }) => metadata?.name ?? ""),
  };
}

async function perform(plan: ClaimPlan, claim: Claim, parts: Parts): Promise<Outcome> {
  const { client, events } = parts.deps;
  switch (plan.do) {
    case "bind":
      return bind(plan.volume, claim, parts);
    case "assign class":
      await client.update(persistentVolumeClaims, {
        ...claim,
        spec: { ...claim.spec, storageClassName: plan.className },
      });
      return undefined;
    case "ask":
      await ask(plan.provisioner, claim, client);
      events.event(claim, plan.event);
      return { after: lookEveryMs };
    case "tell":
      events.event(claim, plan.event);
      return { after: lookEveryMs };
    case "wait":
      await report(claim, "Pending", client);
      if (plan.event !== undefined) events.event(claim, plan.event);
      return { after: lookEveryMs };
    case "lose":
      if (claim.status?.phase === "Lost") return undefined;
      await report(claim, "Lost", client);
      events.event(claim, plan.event);
      return undefined;
  }
}

async function bind(volume: Volume, claim: Claim, { deps: { client }, chosen }: Parts): Promise<void> {
  let [ofVolume, ofClaim] = [volume, claim];
  chosen.add(nameOf(volume));
  try {
    // Each at most once: what the server makes of them is seen by the next reconcile.
    for (let writes = 0; writes < bindingWrites; writes += 1) {
      const write = nextBindingWrite(ofVolume, ofClaim);
      if (write === undefined) return;
      if ("volume" in write) ofVolume = await client.update(persistentVolumes, write.volume, write.subresource);
      else ofClaim = await client.update(persistentVolumeClaims, write.claim, write.subresource);
    }
  } finally {
    chosen.delete(nameOf(volume));
  }
}

/** Both annotations: provisioners of long ago read the older one. */
async function ask(provisioner: string, claim: Claim, client: Client): Promise<void> {
  if (claim.metadata?.annotations?.[storageProvisioner] === provisioner) return;
  const asked = annotate(claim, { [betaStorageProvisioner]: provisioner, [storageProvisioner]: provisioner });
  await client.update(persistentVolumeClaims, asked);
}

async function report(claim: Claim, phase: string, client: Client): Promise<void> {
  const changed = withStatus(claim, phase);
  if (changed !== claim) await client.update(persistentVolumeClaims, changed, "status");
}

async function reconcileVolume(key: string, parts: Parts): Promise<void> {
  const volume = parts.volumes.get(key);
  if (volume === undefined) return;
  const { client, events } = parts.deps;
  const claim = await claimOf(volume, parts);
  const plan = planVolume(volume, claim);
  switch (plan.do) {
    case "be":
      await toPhase(volume, plan.phase, client);
      return;
    case "wake claim":
      parts.wakeClaim(claimKeyOf(volume) ?? "");
      return;
    case "tell":
      events.event(volume, plan.volume);
      if (claim !== undefined) events.event(claim, plan.claim);
      return;
    case "part":
      await toPhase(await client.update(persistentVolumes, partedVolume(volume)), "Available", client);
      return;
    case "release":
      await performReclaim(hasEnded(volume) ? volume : await toPhase(volume, "Released", client), parts.deps);
  }
}

function hasEnded({ status }: Volume): boolean {
  return status?.phase === "Released" || status?.phase === "Failed";
}

/** Volumes of those who bind elsewhere (the scheduler, provisioners) may be known here before their claims: data is at stake. */
async function claimOf(volume: Volume, { claims, deps: { client } }: Parts): Promise<Claim | undefined> {
  const key = claimKeyOf(volume);
  const uid = claimUidOf(volume);
  if (key === undefined || uid === undefined) return undefined;
  const known = claims.get(key);
  if (known?.metadata?.uid === uid || hasEnded(volume)) return known;
  try {
    return await client.get(persistentVolumeClaims, splitKey(key));
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.reason === "NotFound") return undefined;
    throw thrown;
  }
}

async function toPhase(volume: Volume, phase: string, client: Client, message?: string): Promise<Volume> {
  const changed = inPhase(volume, phase, message);
  return changed === volume ? volume : client.update(persistentVolumes, changed, "status");
}

const inTreeFinalizer = "kubernetes.io/pv-controller";

async function performReclaim(volume: Volume, { client, events }: Parts["deps"]): Promise<void> {
  const step = reclaim(volume);
  if (step.do === "fail" && volume.status?.phase !== "Failed") {
    const event: ObjectEvent = { type: "Warning", reason: step.reason, message: step.message };
    events.event(await toPhase(volume, "Failed", client, step.message), event);
  }
  if (step.do !== "delete") return;
  const { uid, deletionTimestamp, finalizers = [] } = volume.metadata ?? {};
  if (finalizers.includes(inTreeFinalizer))
    await client.update(persistentVolumes, withoutFinalizer(volume, inTreeFinalizer));
  if (deletionTimestamp === undefined)
    await client.delete(persistentVolumes, { name: nameOf(volume) }, { preconditions: { uid } });
}
