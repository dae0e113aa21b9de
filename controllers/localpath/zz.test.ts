import { expect, it } from "vitest";
import { createCluster } from "../../cluster/testing.ts";
import { events, persistentVolumeClaims, persistentVolumes, pods, storageClasses } from "../../client/resource-types.ts";
import { persistentVolumeBinderController } from "../persistentvolume/persistent-volume-binder-controller.ts";
import { pvProtectionController } from "../pvprotection/pv-protection-controller.ts";
import { pvcProtectionController } from "../pvcprotection/pvc-protection-controller.ts";
import { ephemeralVolumeController } from "../ephemeralvolume/ephemeral-volume-controller.ts";
import { localPathClass } from "./local-path-class.ts";
import { localPathProvisionerController } from "./local-path-provisioner-controller.ts";
import { nodeLifecycleController } from "../nodelifecycle/node-lifecycle-controller.ts";

it("works", async () => {
  await using cluster = await createCluster({
    clock: "simulated",
    nodes: 2,
    controllers: [nodeLifecycleController, ephemeralVolumeController, persistentVolumeBinderController, pvProtectionController, pvcProtectionController, localPathProvisionerController],
  });
  const { client } = cluster;
  if ((await client.list(storageClasses)).length === 0) await client.create(storageClasses, localPathClass);
  await client.create({ apiVersion: "v1", plural: "serviceaccounts", kind: "ServiceAccount", scope: "Namespaced" }, { metadata: { namespace: "default", name: "default" } }).catch(() => {});
  await client.create(persistentVolumeClaims, {
    metadata: { namespace: "default", name: "data" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  });
  await cluster.advance(20_000);
  for (let i = 0; i < 3; i += 1)
  await client.create(pods, {
    metadata: { namespace: "default", name: `web${i}` },
    spec: {
      containers: [{ name: "web", image: "nginx" }],
      volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }, { name: "tmp", ephemeral: { volumeClaimTemplate: { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } } } }],
    },
  });
  await cluster.advance(20_000);
  console.log(JSON.stringify((await client.list(pods)).map((p) => [p.metadata?.name, p.spec?.nodeName, p.status?.phase, p.status?.conditions?.map((c) => c.type + c.status + (c.message ?? ""))])));
  console.log(JSON.stringify((await client.list(persistentVolumes)).map((p) => [p.metadata?.name, p.status, p.spec?.nodeAffinity])));
  console.log((await client.list(events)).map((e) => `${e.lastTimestamp} ${e.count} ${e.type} ${e.reason} ${e.involvedObject.kind}/${e.involvedObject.name} ${e.source?.component} ${e.message}`).join("\n"));
  for (let i = 0; i < 3; i += 1) await client.delete(pods, { namespace: "default", name: `web${i}` });
  await client.delete(persistentVolumeClaims, { namespace: "default", name: "data" });
  await cluster.advance(60_000);
  console.log(JSON.stringify((await client.list(persistentVolumes)).map((p) => [p.metadata, p.status])), JSON.stringify((await client.list(persistentVolumeClaims)).map((p) => [p.metadata?.name])));
  expect(1).toBe(1);
}, 60_000);
