import { describe, expect, it } from "vitest";
import {
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  priorityClasses,
  storageClasses,
} from "../client/resource-types.ts";
import { schedulerStage, type SchedulerStage } from "./stage.testing.ts";

const claimed = { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] };

/** A claim that waits for its pod, and a volume for it. */
async function addVolume({ client }: SchedulerStage): Promise<void> {
  await client.create(storageClasses, {
    metadata: { name: "late" },
    provisioner: "kubernetes.io/no-provisioner",
    volumeBindingMode: "WaitForFirstConsumer",
  });
  await client.create(persistentVolumes, {
    metadata: { name: "disk" },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      storageClassName: "late",
      local: { path: "/data" },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["a"] }] }],
        },
      },
    },
  });
  await client.patch(
    persistentVolumes,
    { name: "disk" },
    { status: { phase: "Available" } },
    { subresource: "status" },
  );
  await client.create(persistentVolumeClaims, {
    metadata: { name: "data", namespace: "default" },
    spec: { accessModes: ["ReadWriteOnce"], storageClassName: "late", resources: { requests: { storage: "1Gi" } } },
  });
}

/** The part of the controller that binds volumes. */
async function bindClaim({ client }: SchedulerStage): Promise<void> {
  const name = { namespace: "default", name: "data" };
  const annotations = { "pv.kubernetes.io/bind-completed": "yes" };
  await client.patch(persistentVolumeClaims, name, { metadata: { annotations }, spec: { volumeName: "disk" } });
  await client.patch(persistentVolumeClaims, name, { status: { phase: "Bound" } }, { subresource: "status" });
  await client.patch(persistentVolumes, { name: "disk" }, { status: { phase: "Bound" } }, { subresource: "status" });
}

describe("a pod whose volume is bound first", () => {
  it("nominates its node, keeps its room, and is bound when the volume is", async () => {
    await using play = await schedulerStage();
    await play.addNode("a", { capacity: { cpu: "1" } });
    await play.addNode("b", { capacity: { cpu: "1" } });
    await addVolume(play);
    await play.addPod("db", { spec: claimed });
    expect(await play.nodeOf("db")).toBeUndefined();
    expect((await play.pod("db")).status?.nominatedNodeName).toBe("a");
    expect((await play.client.get(persistentVolumes, { name: "disk" })).spec?.claimRef?.name).toBe("data");
    await play.addPod("web");
    expect(await play.nodeOf("web")).toBe("b");
    await bindClaim(play);
    await play.clock.advance(2_000);
    expect(await play.nodeOf("db")).toBe("a");
  });

  it("goes on after the scheduler has crashed", async () => {
    await using play = await schedulerStage();
    await play.addNode("a");
    await addVolume(play);
    await play.addPod("db", { spec: claimed });
    await play.settled();
    await play.restart();
    await bindClaim(play);
    await play.clock.advance(2_000);
    expect(await play.nodeOf("db")).toBe("a");
  });

  it("is tried again when the time for that is over", async () => {
    await using play = await schedulerStage({
      configuration: {
        profiles: [{ pluginConfig: [{ name: "VolumeBinding", args: { bindTimeoutSeconds: 60 } }] }],
      },
    });
    await play.addNode("a");
    await addVolume(play);
    await play.addPod("db", { spec: claimed });
    await play.clock.advance(61_000);
    const told = (await play.pod("db")).status?.conditions?.find(({ type }) => type === "PodScheduled");
    expect(told?.reason).toBe("SchedulerError");
    expect(told?.message).toContain('running PreBind plugin "VolumeBinding"');
    await bindClaim(play);
    await play.clock.advance(15_000);
    expect(await play.nodeOf("db")).toBe("a");
  });

  it("gives way to a more important one without being deleted", async () => {
    await using play = await schedulerStage();
    await play.client.create(priorityClasses, { metadata: { name: "high" }, value: 10 });
    await play.addNode("a", { capacity: { cpu: "1" } });
    await addVolume(play);
    await play.addPod("db", { spec: claimed });
    await play.settled();
    await play.addPod("high", { spec: { priorityClassName: "high" } });
    await play.clock.advance(5_000);
    expect(await play.nodeOf("high")).toBe("a");
    const db = await play.client.get(pods, { namespace: "default", name: "db" });
    expect([db.metadata?.deletionTimestamp, db.spec?.nodeName]).toEqual([undefined, undefined]);
  });
});
