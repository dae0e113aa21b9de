import { describe, expect, it } from "vitest";
import type { Transport } from "../../api/wire.ts";
import type { Client } from "../../client/client.ts";
import {
  namespaces,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  storageClasses,
} from "../../client/resource-types.ts";
import { persistentVolumeBinderController } from "../persistentvolume/persistent-volume-binder-controller.ts";
import { toldEvents } from "../pods/told-events.testing.ts";
import { pvProtectionController } from "../pvprotection/pv-protection-controller.ts";
import { pvcProtectionController } from "../pvcprotection/pvc-protection-controller.ts";
import { stage, type Stage } from "../stage.testing.ts";
import { persistentVolumeExpanderController } from "../volumeexpand/persistent-volume-expander-controller.ts";
import { localPathClass } from "./local-path-class.ts";
import { localPathProvisionerController } from "./local-path-provisioner-controller.ts";

const others = [
  persistentVolumeBinderController,
  pvProtectionController,
  pvcProtectionController,
  persistentVolumeExpanderController,
];

async function objects(client: Client): Promise<void> {
  await client.create(nodes, { metadata: { name: "n1", labels: { "kubernetes.io/hostname": "n1" } } });
  await client.create(storageClasses, localPathClass);
}

async function claim({ client, settled }: Stage, namespace = "default", selected = "n1"): Promise<void> {
  await client.create(persistentVolumeClaims, {
    metadata: { namespace, name: "data" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  });
  await settled();
  const annotations = { "volume.kubernetes.io/selected-node": selected };
  await client.patch(persistentVolumeClaims, { namespace, name: "data" }, { metadata: { annotations } });
  await settled();
}

const data = { namespace: "default", name: "data" };

describe("a claim of the default class", () => {
  it("gets a volume when the scheduler has chosen, lets it grow, and takes it along when it goes", async () => {
    const told = toldEvents(localPathProvisionerController);
    const grown = toldEvents(persistentVolumeExpanderController);
    await using play = await stage([told.controller, ...others.slice(0, 3), grown.controller], { objects });
    await claim(play);
    const bound = await play.client.get(persistentVolumeClaims, data);
    const name = `pvc-${bound.metadata?.uid}`;
    expect(bound).toMatchObject({
      spec: { storageClassName: "local-path", volumeName: name },
      status: { phase: "Bound", capacity: { storage: "1Gi" } },
    });
    expect((await play.client.get(persistentVolumes, { name })).status?.phase).toBe("Bound");
    expect(told.events).toEqual([
      'Normal Provisioning External provisioner is provisioning volume for claim "default/data"',
      `Normal ProvisioningSucceeded Successfully provisioned volume ${name}`,
    ]);
    await play.client.patch(persistentVolumeClaims, data, { spec: { resources: { requests: { storage: "3Gi" } } } });
    await play.settled();
    expect((await play.client.get(persistentVolumeClaims, data)).status).toEqual({
      phase: "Bound",
      accessModes: ["ReadWriteOnce"],
      capacity: { storage: "3Gi" },
    });
    expect((await play.client.get(persistentVolumes, { name })).spec?.capacity).toEqual({ storage: "3Gi" });
    expect(grown.events).toEqual(["Normal VolumeResizeSuccessful ExpandVolume succeeded for volume default/data"]);
    await play.client.delete(persistentVolumeClaims, data);
    await play.settled();
    expect(await play.client.list(persistentVolumes)).toEqual([]);
    expect(await play.client.list(persistentVolumeClaims)).toEqual([]);
  });

  it("is scheduled anew when its node is gone", async () => {
    const told = toldEvents(localPathProvisionerController);
    await using play = await stage([told.controller, ...others], { objects });
    await claim(play, "default", "gone");
    expect(told.events).toEqual(['Warning ProvisioningFailed nodes "gone" not found']);
    const { metadata } = await play.client.get(persistentVolumeClaims, data);
    expect(metadata?.annotations).not.toHaveProperty("volume.kubernetes.io/selected-node");
  });
});

it("volumes come and go whatever write fails", async () => {
  let left = Infinity;
  const through =
    (transport: Transport): Transport =>
    async (request) => {
      if (request.method === "GET" || /\/events(?:[/?]|$)/.test(request.url) || (left -= 1) >= 0)
        return transport(request);
      throw new Error("the test says no");
    };
  await using play = await stage([localPathProvisionerController, ...others], { objects, through });
  const again = async (): Promise<void> => {
    await play.stop();
    left = Infinity;
    await play.restart();
  };
  for (let at = 0; at < 7; at += 1) {
    const namespace = `crash-${at}`;
    await play.client.create(namespaces, { metadata: { name: namespace } });
    left = at;
    await claim(play, namespace);
    await again();
    const { status, spec } = await play.client.get(persistentVolumeClaims, { namespace, name: "data" });
    expect(status?.phase).toBe("Bound");
    expect((await play.client.list(persistentVolumes)).map(({ metadata }) => metadata?.name)).toEqual([
      spec?.volumeName,
    ]);
    left = at;
    await play.client.delete(persistentVolumeClaims, { namespace, name: "data" });
    await play.settled();
    await again();
    expect(await play.client.list(persistentVolumes)).toEqual([]);
  }
});
