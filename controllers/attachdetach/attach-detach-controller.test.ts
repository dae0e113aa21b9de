import { describe, expect, it } from "vitest";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { Transport } from "../../api/wire.ts";
import {
  csiDrivers,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  volumeAttachments,
} from "../../client/resource-types.ts";
import { persistentVolumeBinderController } from "../persistentvolume/persistent-volume-binder-controller.ts";
import { toldEvents } from "../pods/told-events.testing.ts";
import { stage, type Stage, type StageOptions } from "../stage.testing.ts";
import { attachDetachController } from "./attach-detach-controller.ts";

const reported = "kubernetes.io/csi/example.com^disk";
const attachedReport = [{ name: reported, devicePath: "" }];
const claimName = { namespace: "default", name: "data" };

const newPod = (name: string, nodeName: string): Pod => ({
  metadata: { namespace: "default", name },
  spec: {
    nodeName,
    containers: [{ name: "web", image: "nginx" }],
    volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
  },
});

interface Play extends Stage {
  readonly events: readonly string[];
  /** Nodes that the volume is attached to, or on its way to. */
  attachedTo(): Promise<string[]>;
  reportedBy(node: string): Promise<unknown>;
  /** Plays the external attacher. */
  answer(node: string, status: object): Promise<void>;
  setNode(node: string, status: object): Promise<void>;
  end(pod: string): Promise<void>;
}

/** Two nodes, and a CSI volume that is bound. */
async function play(options: StageOptions = {}): Promise<Play> {
  const told = toldEvents(attachDetachController);
  const scene = await stage([told.controller, persistentVolumeBinderController], options);
  const { client, settled } = scene;
  const annotations = { "volumes.kubernetes.io/controller-managed-attach-detach": "true" };
  for (const name of ["n1", "n2"]) {
    await client.create(nodes, { metadata: { name, annotations } });
    await client.patch(
      nodes,
      { name },
      { status: { conditions: [{ type: "Ready", status: "True" }] } },
      { subresource: "status" },
    );
  }
  const accessModes = ["ReadWriteOnce"];
  await client.create(persistentVolumes, {
    metadata: { name: "a" },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes,
      csi: { driver: "example.com", volumeHandle: "disk" },
      persistentVolumeReclaimPolicy: "Retain",
    },
  });
  await client.create(persistentVolumeClaims, {
    metadata: claimName,
    spec: { accessModes, resources: { requests: { storage: "1Gi" } }, storageClassName: "", volumeName: "a" },
  });
  await settled();
  const list = () => client.list(volumeAttachments);
  return {
    ...scene,
    events: told.events,
    attachedTo: async () => (await list()).map(({ spec }) => spec.nodeName).toSorted(),
    reportedBy: async (name) => (await client.get(nodes, { name })).status?.volumesAttached ?? [],
    async answer(node, status) {
      const found = (await list()).find(({ spec }) => spec.nodeName === node);
      await client.patch(
        volumeAttachments,
        { name: found?.metadata?.name ?? "" },
        { status },
        { subresource: "status" },
      );
      await settled();
    },
    async setNode(name, status) {
      await client.patch(nodes, { name }, { status }, { subresource: "status" });
      await settled();
    },
    async end(name) {
      await client.delete(pods, { namespace: "default", name }, { gracePeriodSeconds: 0 });
      await settled();
    },
  };
}

describe("a CSI volume", () => {
  it("is attached where its pod is, reported when it is there, and follows the pod to another node", async () => {
    await using scene = await play();
    await scene.client.create(pods, newPod("one", "n1"));
    await scene.settled();
    expect(await scene.client.list(volumeAttachments)).toMatchObject([
      { spec: { attacher: "example.com", nodeName: "n1", source: { persistentVolumeName: "a" } } },
    ]);
    expect(await scene.reportedBy("n1")).toEqual([]);
    await scene.answer("n1", { attached: true });
    expect(await scene.reportedBy("n1")).toEqual(attachedReport);
    expect(scene.events).toEqual(['Normal SuccessfulAttachVolume AttachVolume.Attach succeeded for volume "a" ']);
    await scene.setNode("n1", { volumesInUse: [reported] });
    await scene.client.create(pods, newPod("two", "n2"));
    await scene.settled();
    expect(scene.events.at(-1)).toBe(
      'Warning FailedAttachVolume Multi-Attach error for volume "a" Volume is already used by pod(s) one',
    );
    await scene.end("one");
    expect(await scene.attachedTo()).toEqual(["n1"]);
    await scene.setNode("n1", { volumesInUse: null });
    expect(await scene.attachedTo()).toEqual(["n2"]);
    expect(await scene.reportedBy("n1")).toEqual([]);
    await scene.answer("n2", { attached: true });
    expect(await scene.reportedBy("n2")).toEqual(attachedReport);
  });

  it("is taken from a node that is silent after six minutes, and at once from one that is out of service", async () => {
    await using scene = await play();
    await scene.client.create(pods, newPod("one", "n1"));
    await scene.settled();
    await scene.answer("n1", { attached: true });
    await scene.setNode("n1", { volumesInUse: [reported], conditions: [{ type: "Ready", status: "Unknown" }] });
    await scene.end("one");
    await scene.clock.advance(359_000);
    expect(await scene.attachedTo()).toEqual(["n1"]);
    await scene.clock.advance(2_000);
    expect(await scene.attachedTo()).toEqual([]);
    await scene.client.create(pods, newPod("two", "n1"));
    await scene.settled();
    await scene.answer("n1", { attached: true });
    await scene.end("two");
    expect(await scene.attachedTo()).toEqual(["n1"]);
    const taints = [{ key: "node.kubernetes.io/out-of-service", effect: "NoExecute" }];
    await scene.client.patch(nodes, { name: "n1" }, { spec: { taints } });
    await scene.settled();
    expect(await scene.attachedTo()).toEqual([]);
  });

  it("is waited for, and its pods are told what goes wrong", async () => {
    await using scene = await play();
    await scene.client.create(pods, newPod("one", "n1"));
    await scene.clock.advance(121_000);
    const failed = 'Warning FailedAttachVolume AttachVolume.Attach failed for volume "a" : ';
    expect(scene.events).toEqual([
      `${failed}timed out waiting for external-attacher of example.com CSI driver to attach volume disk`,
    ]);
    await scene.answer("n1", { attached: false, attachError: { message: "rpc error: no" } });
    expect(scene.events.at(-1)).toBe(`${failed}rpc error: no`);
  });

  it("of a driver that needs no attaching is not attached", async () => {
    await using scene = await play();
    await scene.client.create(csiDrivers, { metadata: { name: "example.com" }, spec: { attachRequired: false } });
    await scene.client.create(pods, newPod("one", "n1"));
    await scene.settled();
    expect(await scene.attachedTo()).toEqual([]);
  });
});

it("attachments come and go whatever write fails, also when the volume is gone meanwhile", async () => {
  let left = Infinity;
  const through =
    (transport: Transport): Transport =>
    async (request) => {
      if (request.method === "GET" || /\/events(?:[/?]|$)/.test(request.url) || (left -= 1) >= 0)
        return transport(request);
      throw new Error("the test says no");
    };
  await using scene = await play({ through });
  const again = async (): Promise<void> => {
    await scene.stop();
    left = Infinity;
    await scene.restart();
  };
  for (let at = 0; at < 4; at += 1) {
    left = at;
    await scene.client.create(pods, newPod(`pod-${at}`, "n1"));
    await scene.settled();
    await again();
    left = at;
    await scene.answer("n1", { attached: true });
    await again();
    expect(await scene.reportedBy("n1")).toEqual(attachedReport);
    left = at;
    await scene.end(`pod-${at}`);
    await again();
    expect(await scene.attachedTo()).toEqual([]);
    expect(await scene.reportedBy("n1")).toEqual([]);
  }
  await scene.client.create(pods, newPod("last", "n1"));
  await scene.settled();
  await scene.answer("n1", { attached: true });
  await scene.stop();
  await scene.client.patch(persistentVolumes, { name: "a" }, { metadata: { finalizers: null } });
  await scene.client.delete(persistentVolumes, { name: "a" });
  await scene.restart();
  expect(await scene.attachedTo()).toEqual([]);
  expect(await scene.reportedBy("n1")).toEqual([]);
});
