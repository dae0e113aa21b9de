import { describe, expect, it } from "vitest";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import {
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  volumeAttributesClasses,
} from "../../client/resource-types.ts";
import { claimOf } from "../persistentvolume/objects.testing.ts";
import { pvProtectionController } from "../pvprotection/pv-protection-controller.ts";
import { names, stage, type Stage } from "../stage.testing.ts";
import { volumeAttributesClassProtectionController } from "../volumeattributesclassprotection/volume-attributes-class-protection-controller.ts";
import { pvcProtectionController } from "./pvc-protection-controller.ts";
import { uses } from "./uses.ts";

const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, storageClassName: "" };
const newClaim = (name: string, more: object = {}): object => ({
  metadata: { namespace: "default", name },
  spec: { ...spec, ...more },
});
const newPod = (name: string, nodeName: string | undefined): Pod => ({
  metadata: { namespace: "default", name },
  spec: {
    containers: [{ name: "web", image: "nginx" }],
    volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
    ...(nodeName === undefined ? {} : { nodeName }),
  },
});

const hasClaim = async ({ client }: Stage): Promise<boolean> =>
  names(await client.list(persistentVolumeClaims)).includes("data");
const data = { namespace: "default", name: "data" };

describe("a claim that is deleted", () => {
  it("stays as long as a pod on a node uses it, and gets its finalizer back before", async () => {
    await using play = await stage([pvcProtectionController]);
    const { client, settled } = play;
    await client.create(persistentVolumeClaims, newClaim("data"));
    await client.patch(persistentVolumeClaims, data, { metadata: { finalizers: null } });
    await settled();
    expect((await client.get(persistentVolumeClaims, data)).metadata?.finalizers).toEqual([
      "kubernetes.io/pvc-protection",
    ]);
    await client.create(pods, newPod("running", "n1"));
    await client.create(pods, newPod("waiting", undefined));
    await client.delete(persistentVolumeClaims, data);
    await settled();
    expect(await hasClaim(play)).toBe(true);
    await client.patch(
      pods,
      { namespace: "default", name: "running" },
      { status: { phase: "Succeeded" } },
      { subresource: "status" },
    );
    await settled();
    expect(await hasClaim(play)).toBe(true);
    await client.delete(pods, { namespace: "default", name: "running" }, { gracePeriodSeconds: 0 });
    await settled();
    expect(await hasClaim(play)).toBe(false);
  });

  it("goes after a restart, when its pod went meanwhile", async () => {
    await using play = await stage([pvcProtectionController]);
    await play.client.create(persistentVolumeClaims, newClaim("data"));
    await play.client.create(pods, newPod("running", "n1"));
    await play.client.delete(persistentVolumeClaims, data);
    await play.settled();
    await play.stop();
    await play.client.delete(pods, { namespace: "default", name: "running" }, { gracePeriodSeconds: 0 });
    await play.restart();
    expect(await hasClaim(play)).toBe(false);
  });
});

describe("a pod's own claim", () => {
  const owner = { apiVersion: "v1", kind: "Pod", name: "web", uid: "uid-web", controller: true };
  const claim = {
    ...claimOf({ name: "web-tmp" }),
    metadata: { namespace: "default", name: "web-tmp", ownerReferences: [owner] },
  };
  const pod: DeepReadonly<Pod> = {
    metadata: { namespace: "default", name: "web", uid: "uid-web" },
    spec: { containers: [], nodeName: "n1", volumes: [{ name: "tmp", ephemeral: { volumeClaimTemplate: { spec } } }] },
  };

  it.each<[string, DeepReadonly<Pod>, boolean]>([
    ["is used while the pod is there", pod, true],
    ["is not used by another of its name", { ...pod, metadata: { ...pod.metadata, uid: "other" } }, false],
    [
      "is used while the pod has time to end",
      {
        ...pod,
        metadata: { ...pod.metadata, deletionTimestamp: "2026-01-01T00:00:00Z", deletionGracePeriodSeconds: 30 },
      },
      true,
    ],
    [
      "is not used once the pod is shut down",
      {
        ...pod,
        metadata: { ...pod.metadata, deletionTimestamp: "2026-01-01T00:00:00Z", deletionGracePeriodSeconds: 0 },
      },
      false,
    ],
    ["is not used without a node", { ...pod, spec: { ...pod.spec, containers: [], nodeName: "" } }, false],
  ])("%s", (_, user, expected) => {
    expect(uses(user, claim)).toBe(expected);
  });
});

describe("volumes and their classes that are deleted", () => {
  it("stay while they are in use", async () => {
    await using play = await stage([pvProtectionController, volumeAttributesClassProtectionController]);
    const { client, settled } = play;
    await client.create(persistentVolumes, {
      metadata: { name: "a" },
      spec: {
        capacity: { storage: "1Gi" },
        accessModes: ["ReadWriteOnce"],
        hostPath: { path: "/data" },
        persistentVolumeReclaimPolicy: "Retain",
      },
    });
    await client.patch(persistentVolumes, { name: "a" }, { metadata: { finalizers: null } });
    await client.patch(persistentVolumes, { name: "a" }, { status: { phase: "Bound" } }, { subresource: "status" });
    await client.create(volumeAttributesClasses, {
      metadata: { name: "fast" },
      driverName: "example.com/d",
      parameters: { iops: "1" },
    });
    await client.create(persistentVolumeClaims, newClaim("data", { volumeAttributesClassName: "fast" }));
    await settled();
    expect((await client.get(volumeAttributesClasses, { name: "fast" })).metadata?.finalizers).toEqual([
      "kubernetes.io/vac-protection",
    ]);
    await client.delete(persistentVolumes, { name: "a" });
    await client.delete(volumeAttributesClasses, { name: "fast" });
    await settled();
    expect((await client.get(persistentVolumes, { name: "a" })).metadata?.finalizers).toEqual([
      "kubernetes.io/pv-protection",
    ]);
    expect((await client.get(volumeAttributesClasses, { name: "fast" })).metadata?.deletionTimestamp).toBeDefined();
    await client.patch(persistentVolumes, { name: "a" }, { status: { phase: "Released" } }, { subresource: "status" });
    await client.patch(persistentVolumeClaims, data, { metadata: { finalizers: null } });
    await client.delete(persistentVolumeClaims, data);
    await settled();
    await expect(client.get(persistentVolumes, { name: "a" })).rejects.toBeInstanceOf(ApiError);
    await expect(client.get(volumeAttributesClasses, { name: "fast" })).rejects.toBeInstanceOf(ApiError);
  });
});
