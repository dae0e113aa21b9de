import { describe, expect, it } from "vitest";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import type {
  DeviceTaint,
  DeviceToleration,
  ResourceClaim,
  ResourceSlice,
} from "../../api/generated/types/resource-v1.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { pods, resourceClaims, resourceSlices } from "../../client/resource-types.ts";
import { recording } from "../endpoints/recording.testing.ts";
import { runPod } from "../endpoints/serving.testing.ts";
import { failingAt } from "../failing-at.testing.ts";
import { stage, type Stage, type StageOptions } from "../stage.testing.ts";
import { deviceTaintEvictionController } from "./device-taint-eviction-controller.ts";
import { evictionTime } from "./eviction-time.ts";

const start = Date.UTC(2026, 0, 1);
const taint: DeviceTaint = { key: "broken", effect: "NoExecute", timeAdded: "2026-01-01T00:00:00Z" };
const tolerating = (tolerationSeconds?: number): DeviceToleration => ({
  key: "broken",
  operator: "Exists",
  effect: "NoExecute",
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
});

const slice = (taints: DeviceTaint[], generation = 1, name = "s1"): ResourceSlice => ({
  metadata: { name },
  spec: {
    driver: "gpu.example.com",
    pool: { name: "pool", generation, resourceSliceCount: 1 },
    nodeName: "n1",
    devices: [{ name: "gpu-0", ...(taints.length === 0 ? {} : { taints }) }],
  },
});
const claim: ResourceClaim = {
  metadata: { namespace: "default", name: "gpu" },
  spec: { devices: { requests: [{ name: "one", exactly: { deviceClassName: "gpu" } }] } },
};
const allocated = (tolerations: DeviceToleration[], uid: string) => ({
  allocation: {
    devices: { results: [{ request: "one", driver: "gpu.example.com", pool: "pool", device: "gpu-0", tolerations }] },
  },
  reservedFor: [{ resource: "pods", name: "user", uid }],
});

interface Workshop extends Stage {
  readonly events: string[];
  taint(...taints: DeviceTaint[]): Promise<unknown>;
  isGoing(): Promise<boolean>;
}

/** A pod that uses a device. */
async function workshop(tolerations: DeviceToleration[] = [], options: StageOptions = {}): Promise<Workshop> {
  const events: string[] = [];
  const play = await stage([recording(deviceTaintEvictionController, events)], options);
  await play.client.create(resourceSlices, slice([]));
  await play.client.create(resourceClaims, claim);
  await runPod(play.client, "user", { spec: { resourceClaims: [{ name: "gpu", resourceClaimName: "gpu" }] } });
  const name = { namespace: "default", name: "user" };
  const { metadata } = await play.client.get(pods, name);
  const status = allocated(tolerations, metadata?.uid ?? "");
  await play.client.patch(resourceClaims, { namespace: "default", name: "gpu" }, { status }, { subresource: "status" });
  return {
    ...play,
    events,
    taint: (...taints) => play.client.patch(resourceSlices, { name: "s1" }, { spec: slice(taints).spec }),
    async isGoing() {
      await play.settled();
      return (await play.client.get(pods, name)).metadata?.deletionTimestamp !== undefined;
    },
  };
}

describe("a pod whose device gets a NoExecute taint", () => {
  it("goes at once, and says why", async () => {
    await using play = await workshop();
    expect(await play.isGoing()).toBe(false);
    await play.taint(taint);
    expect(await play.isGoing()).toBe(true);
    const { status } = await play.client.get(pods, { namespace: "default", name: "user" });
    expect(status?.conditions?.find(({ type }) => type === "DisruptionTarget")).toMatchObject({
      status: "True",
      reason: "DeletionByDeviceTaintManager",
      message: "Device Taint manager: deleting due to NoExecute taint",
    });
    expect(play.events).toEqual(["Normal DeviceTaintManagerEviction Pod/user: Marking for deletion"]);
  });

  it("stays as long as it tolerates the taint, and longer where the taint goes in time", async () => {
    await using play = await workshop([tolerating(60)]);
    await play.taint(taint);
    await play.clock.advance(50_000);
    expect(await play.isGoing()).toBe(false);
    await play.taint();
    await play.clock.advance(50_000);
    expect(await play.isGoing()).toBe(false);
    expect(play.events).toEqual(["Normal DeviceTaintManagerEviction Pod/user: Cancelling deletion"]);
    await play.taint({ ...taint, timeAdded: "2026-01-01T00:01:40Z" });
    await play.clock.advance(59_000);
    expect(await play.isGoing()).toBe(false);
    await play.clock.advance(1_000);
    expect(await play.isGoing()).toBe(true);
  });

  it.each([
    ["unsent", 0],
    ["unsent", 1],
    ["unanswered", 0],
    ["unanswered", 1],
  ] as const)("goes though a write is %s (%i), and the controller starts anew", async (how, at) => {
    const failing = failingAt(how);
    await using play = await workshop([], { through: failing.through });
    failing.arm("default", at);
    await play.taint(taint);
    await play.restart();
    await play.clock.advance(1000);
    expect(failing.failures).toBe(1);
    expect(await play.isGoing()).toBe(true);
  });

  it("is replaced by one that is none of its business", async () => {
    await using play = await workshop([tolerating(60)]);
    await play.taint(taint);
    await play.client.delete(pods, { namespace: "default", name: "user" }, { gracePeriodSeconds: 0 });
    await expect(play.isGoing()).rejects.toThrow(ApiError);
    await runPod(play.client, "user", { spec: { resourceClaims: [{ name: "gpu", resourceClaimName: "gpu" }] } });
    await play.clock.advance(120_000);
    expect(await play.isGoing()).toBe(false);
  });
});

describe("the time of a pod", () => {
  const pod = (more: Partial<Pod> = {}): Pod => ({
    metadata: { namespace: "default", name: "user", uid: "u" },
    spec: { nodeName: "n1", containers: [], resourceClaims: [{ name: "gpu", resourceClaimName: "gpu" }] },
    ...more,
  });
  const time = (
    user: Pod,
    {
      tolerations = [],
      slices = [slice([taint])],
      owner = "",
      uid = "u",
    }: { tolerations?: DeviceToleration[]; slices?: ResourceSlice[]; owner?: string; uid?: string } = {},
  ): number | undefined => {
    const ownerReferences = [{ apiVersion: "v1", kind: "Pod", name: "user", uid: owner, controller: true }];
    const used = { ...claim, metadata: { ...claim.metadata, ownerReferences }, status: allocated(tolerations, uid) };
    return evictionTime(user, { claim: (_namespace, name) => (name === "gpu" ? used : undefined), pool: () => slices });
  };
  const made = pod({
    spec: { nodeName: "n1", containers: [], resourceClaims: [{ name: "a", resourceClaimTemplateName: "t" }] },
    status: { resourceClaimStatuses: [{ name: "a", resourceClaimName: "gpu" }] },
  });

  it.each([
    ["has come", time(pod()), start],
    ["is not yet for one that is nowhere", time(pod({ spec: { containers: [] } })), undefined],
    ["never comes where it tolerates the taint", time(pod(), { tolerations: [tolerating()] }), undefined],
    [
      "is the shortest that it tolerates",
      time(pod(), { tolerations: [tolerating(60), tolerating(30)] }),
      start + 30_000,
    ],
    [
      "is not a matter of other effects",
      time(pod(), { slices: [slice([{ ...taint, effect: "NoSchedule" }])] }),
      undefined,
    ],
    ["is not a matter of what was", time(pod(), { slices: [slice([taint]), slice([], 2, "s2")] }), undefined],
    ["is a matter of what is", time(pod(), { slices: [slice([]), slice([taint], 2, "s2")] }), start],
    ["is not a matter of another's claim", time(pod(), { uid: "other" }), undefined],
    ["is a matter of a claim made for it", time(made, { owner: "u" }), start],
    ["is not a matter of a claim made for another", time(made, { owner: "other" }), undefined],
  ])("%s", (_what, found, expected) => {
    expect(found).toBe(expected);
  });
});
