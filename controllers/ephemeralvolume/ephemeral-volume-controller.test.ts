import { expect, it } from "vitest";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import { persistentVolumeClaims, pods } from "../../client/resource-types.ts";
import { toldEvents } from "../pods/told-events.testing.ts";
import { stage } from "../stage.testing.ts";
import { ephemeralVolumeController } from "./ephemeral-volume-controller.ts";

const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, storageClassName: "" };
const volumeClaimTemplate = { metadata: { labels: { a: "1" }, annotations: { b: "2" } }, spec };
const web: Pod = {
  metadata: { namespace: "default", name: "web" },
  spec: {
    containers: [{ name: "web", image: "nginx" }],
    volumes: [
      { name: "tmp", ephemeral: { volumeClaimTemplate } },
      { name: "none", emptyDir: {} },
    ],
  },
};
const name = { namespace: "default", name: "web-tmp" };

it("a pod gets the claims of its own volumes, and gets them back", async () => {
  await using play = await stage([ephemeralVolumeController]);
  const { client, settled } = play;
  const { metadata } = await client.create(pods, web);
  await settled();
  const made = await client.get(persistentVolumeClaims, name);
  const owner = {
    apiVersion: "v1",
    kind: "Pod",
    name: "web",
    uid: metadata?.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  expect(made).toMatchObject({
    metadata: { labels: { a: "1" }, annotations: { b: "2" }, ownerReferences: [owner] },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  });
  await client.patch(persistentVolumeClaims, name, { metadata: { finalizers: null } });
  await client.delete(persistentVolumeClaims, name);
  await settled();
  expect((await client.get(persistentVolumeClaims, name)).metadata?.uid).not.toBe(made.metadata?.uid);
  await play.restart();
  expect(await client.list(persistentVolumeClaims)).toHaveLength(1);
});

it("a pod does not get a claim that is another's", async () => {
  const told = toldEvents(ephemeralVolumeController);
  await using play = await stage([told.controller]);
  await play.client.create(persistentVolumeClaims, { metadata: name, spec });
  await play.client.create(pods, web);
  await play.settled();
  expect(told.events[0]).toBe(
    "Warning FailedBinding ephemeral volume tmp: PVC default/web-tmp was not created for pod default/web (pod is not owner)",
  );
  await play.client.patch(persistentVolumeClaims, name, { metadata: { finalizers: null } });
  await play.client.delete(persistentVolumeClaims, name);
  await play.settled();
  expect((await play.client.get(persistentVolumeClaims, name)).metadata?.ownerReferences).toHaveLength(1);
});
