import { describe, expect, it } from "vitest";
import type { PersistentVolume, PersistentVolumeClaim } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Transport } from "../../api/wire.ts";
import {
  namespaces,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  storageClasses,
} from "../../client/resource-types.ts";
import { toldEvents } from "../pods/told-events.testing.ts";
import { pvProtectionController } from "../pvprotection/pv-protection-controller.ts";
import { pvcProtectionController } from "../pvcprotection/pvc-protection-controller.ts";
import { stage, type Stage } from "../stage.testing.ts";
import { claimOf, type ClaimTraits, volumeOf, type VolumeTraits } from "./objects.testing.ts";
import { persistentVolumeBinderController } from "./persistent-volume-binder-controller.ts";

const controllers = [persistentVolumeBinderController, pvProtectionController, pvcProtectionController];

/** As a user writes them. */
function newClaim(namespace: string, traits: ClaimTraits = {}): PersistentVolumeClaim {
  const { metadata, spec = {} } = claimOf(traits);
  const { uid: _, ...others } = metadata ?? {};
  return { metadata: { ...others, namespace }, spec };
}

function newVolume(name: string, traits: VolumeTraits = {}): PersistentVolume {
  const { metadata = {}, spec = {} } = volumeOf(name, traits);
  return { metadata, spec };
}

const claimIn = (
  { client }: Stage,
  namespace = "default",
  name = "data",
): Promise<DeepReadonly<PersistentVolumeClaim>> => client.get(persistentVolumeClaims, { namespace, name });
const volume = ({ client }: Stage, name = "a"): Promise<DeepReadonly<PersistentVolume>> =>
  client.get(persistentVolumes, { name });

describe("a claim and a volume", () => {
  it("find each other, whichever comes first, and part when the claim goes", async () => {
    await using play = await stage(controllers);
    await play.client.create(persistentVolumes, newVolume("a", { size: "2Gi" }));
    await play.client.create(persistentVolumeClaims, newClaim("default"));
    await play.settled();
    const claim = await claimIn(play);
    expect(claim).toMatchObject({
      metadata: {
        annotations: { "pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes" },
      },
      spec: { volumeName: "a" },
      status: { phase: "Bound", accessModes: ["ReadWriteOnce", "ReadOnlyMany"], capacity: { storage: "2Gi" } },
    });
    expect(await volume(play)).toMatchObject({
      metadata: { annotations: { "pv.kubernetes.io/bound-by-controller": "yes" } },
      spec: {
        claimRef: { kind: "PersistentVolumeClaim", namespace: "default", name: "data", uid: claim.metadata?.uid },
      },
      status: { phase: "Bound", lastPhaseTransitionTime: "2026-01-01T00:00:00Z" },
    });
    await play.client.create(persistentVolumeClaims, newClaim("default", { name: "late" }));
    await play.settled();
    expect((await claimIn(play, "default", "late")).status?.phase).toBe("Pending");
    await play.client.create(persistentVolumes, newVolume("b"));
    await play.settled();
    expect((await claimIn(play, "default", "late")).spec?.volumeName).toBe("b");
    await play.client.delete(persistentVolumeClaims, { namespace: "default", name: "data" });
    await play.settled();
    expect((await volume(play)).status?.phase).toBe("Released");
    await play.client.create(persistentVolumeClaims, newClaim("default"));
    await play.settled();
    expect((await claimIn(play)).status?.phase).toBe("Pending");
  });

  it("come together one by one where many want what many have", async () => {
    let conflicts = 0;
    const through =
      (transport: Transport): Transport =>
      async (request) => {
        const response = await transport(request);
        if (response.status === 409) conflicts += 1;
        return response;
      };
    await using play = await stage(controllers, { through });
    const all = Array.from({ length: 20 }, (_, at) => `n${at}`);
    await Promise.all(all.map((name) => play.client.create(persistentVolumes, newVolume(name))));
    await play.settled();
    await Promise.all(all.map((name) => play.client.create(persistentVolumeClaims, newClaim("default", { name }))));
    await play.settled();
    const bound = (await play.client.list(persistentVolumeClaims)).map(({ spec }) => spec?.volumeName);
    expect(new Set(bound)).toEqual(new Set(all));
    expect(conflicts).toBe(0);
  });

  it("are lost to each other when the volume is gone", async () => {
    const told = toldEvents(persistentVolumeBinderController);
    await using play = await stage([told.controller]);
    await play.client.create(persistentVolumes, newVolume("a"));
    await play.client.create(persistentVolumeClaims, newClaim("default"));
    await play.settled();
    await play.client.patch(persistentVolumes, { name: "a" }, { metadata: { finalizers: null } });
    await play.client.delete(persistentVolumes, { name: "a" });
    await play.settled();
    expect((await claimIn(play)).status).toEqual({ phase: "Lost" });
    await play.clock.advance(60_000);
    expect(told.events.filter((event) => event.includes("ClaimLost"))).toEqual([
      "Warning ClaimLost Bound claim has lost its PersistentVolume. Data on the volume is lost!",
    ]);
  });

  it("say in events what they wait for, again and again", async () => {
    const told = toldEvents(persistentVolumeBinderController);
    await using play = await stage([told.controller]);
    const message = "Normal FailedBinding no persistent volumes available for this claim and no storage class is set";
    await play.client.create(persistentVolumeClaims, newClaim("default"));
    await play.settled();
    expect(told.events).toEqual([message]);
    await play.clock.advance(31_000);
    expect(told.events).toEqual([message, message, message]);
  });

  it("get the default class that comes later, and ask its provisioner when the scheduler has chosen", async () => {
    const told = toldEvents(persistentVolumeBinderController);
    await using play = await stage([told.controller]);
    await play.client.create(persistentVolumeClaims, newClaim("default"));
    await play.client.create(persistentVolumeClaims, newClaim("default", { name: "none", className: "" }));
    await play.settled();
    await play.client.create(storageClasses, {
      metadata: { name: "later", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      provisioner: "example.com/later",
      volumeBindingMode: "WaitForFirstConsumer",
    });
    await play.settled();
    expect((await claimIn(play)).spec?.storageClassName).toBe("later");
    expect((await claimIn(play, "default", "none")).spec?.storageClassName).toBe("");
    expect(told.events.at(-1)).toBe(
      "Normal WaitForFirstConsumer waiting for first consumer to be created before binding",
    );
    await play.client.create(pods, {
      metadata: { namespace: "default", name: "web" },
      spec: {
        containers: [{ name: "web", image: "nginx" }],
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
      },
    });
    await play.clock.advance(15_000);
    expect(told.events).toContain("Normal WaitForPodScheduled waiting for pod web to be scheduled");
    const annotations = { "volume.kubernetes.io/selected-node": "n1" };
    await play.client.patch(
      persistentVolumeClaims,
      { namespace: "default", name: "data" },
      { metadata: { annotations } },
    );
    await play.settled();
    expect((await claimIn(play)).metadata?.annotations).toMatchObject({
      "volume.kubernetes.io/storage-provisioner": "example.com/later",
      "volume.beta.kubernetes.io/storage-provisioner": "example.com/later",
    });
    expect(told.events.at(-1)).toContain("Normal ExternalProvisioning Waiting for a volume to be created either by");
  });

  it("of a policy that nobody can follow ends as failed", async () => {
    const told = toldEvents(persistentVolumeBinderController);
    await using play = await stage([told.controller, pvProtectionController, pvcProtectionController]);
    await play.client.create(persistentVolumes, newVolume("a", { policy: "Recycle" }));
    await play.client.create(
      persistentVolumes,
      newVolume("b", { policy: "Delete", size: "3Gi", spec: { hostPath: { path: "/tmp/b" } } }),
    );
    await play.client.create(persistentVolumeClaims, newClaim("default"));
    await play.client.create(persistentVolumeClaims, newClaim("default", { name: "large", size: "3Gi" }));
    await play.settled();
    await play.client.delete(persistentVolumeClaims, { namespace: "default", name: "data" });
    await play.client.delete(persistentVolumeClaims, { namespace: "default", name: "large" });
    await play.settled();
    expect((await volume(play)).status).toMatchObject({
      phase: "Failed",
      message: "No recycler plugin found for the volume!",
    });
    expect(told.events).toContain("Warning VolumeFailedRecycle No recycler plugin found for the volume!");
    await expect(volume(play, "b")).rejects.toMatchObject({ reason: "NotFound" });
  });
});

it.each(["unsent", "unanswered"] as const)(
  "a binding is finished after a crash at each of its writes (%s)",
  async (how) => {
    let left = Infinity;
    // Volumes have no namespace: their writes are counted here.
    const through =
      (transport: Transport): Transport =>
      async (request) => {
        const isWrite = request.method !== "GET" && !/\/events(?:[/?]|$)/.test(request.url);
        if (!isWrite || (left -= 1) >= 0) return transport(request);
        if (how === "unanswered" && left === -1) await transport(request);
        throw new Error("the test says no");
      };
    await using play = await stage(controllers, { through });
    for (let at = 0; at < 6; at += 1) {
      const inside = `crash-${at}`;
      await play.client.create(namespaces, { metadata: { name: inside } });
      await play.client.create(persistentVolumes, newVolume(`v${at}`, { className: inside }));
      await play.settled();
      left = at;
      await play.client.create(persistentVolumeClaims, newClaim(inside, { className: inside }));
      await play.settled();
      await play.stop();
      left = Infinity;
      await play.restart();
      const claim = await claimIn(play, inside);
      expect(claim).toMatchObject({ spec: { volumeName: `v${at}` }, status: { phase: "Bound" } });
      expect(await volume(play, `v${at}`)).toMatchObject({
        spec: { claimRef: { uid: claim.metadata?.uid } },
        status: { phase: "Bound" },
      });
    }
  },
);
