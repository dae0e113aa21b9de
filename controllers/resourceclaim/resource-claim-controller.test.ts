import { describe, expect, it } from "vitest";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { ResourceClaim, ResourceClaimSpec } from "../../api/generated/types/resource-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { namespaces, pods, resourceClaims, resourceClaimTemplates } from "../../client/resource-types.ts";
import { failingAt } from "../failing-at.testing.ts";
import { toldEvents } from "../pods/told-events.testing.ts";
import { stage, type Stage } from "../stage.testing.ts";
import { claimWrites } from "./plan-claim.ts";
import { claimFromTemplate } from "./pod-resource-claims.ts";
import { resourceClaimController } from "./resource-claim-controller.ts";

const spec: ResourceClaimSpec = { devices: { requests: [{ name: "one", exactly: { deviceClassName: "gpu" } }] } };
const newPod = (
  namespace: string,
  resourceClaims: NonNullable<Pod["spec"]>["resourceClaims"],
  nodeName?: string,
): Pod => ({
  metadata: { namespace, name: "web" },
  spec: {
    containers: [{ name: "web", image: "nginx" }],
    ...(resourceClaims === undefined ? {} : { resourceClaims }),
    ...(nodeName === undefined ? {} : { nodeName }),
  },
});
const fromTemplate = { name: "gpu", resourceClaimTemplateName: "template" };
const web = (namespace = "default") => ({ namespace, name: "web" });

const claimsIn = ({ client }: Stage, namespace = "default"): Promise<DeepReadonly<ResourceClaim>[]> =>
  client.list(resourceClaims, { namespace });
const makeTemplate = ({ client }: Stage, namespace = "default"): Promise<unknown> =>
  client.create(resourceClaimTemplates, {
    metadata: { namespace, name: "template" },
    spec: { metadata: { labels: { a: "1" } }, spec },
  });

const userOf = ({ metadata }: DeepReadonly<Pod>) => ({
  resource: "pods",
  name: metadata?.name ?? "",
  uid: metadata?.uid ?? "",
});

/** Plays the scheduler. */
async function allocate({ client, settled }: Stage, name: string, pod: DeepReadonly<Pod>): Promise<void> {
  const claim = { namespace: "default", name };
  await client.patch(resourceClaims, claim, { metadata: { finalizers: ["resource.kubernetes.io/delete-protection"] } });
  const results = [{ request: "one", driver: "gpu.example.com", pool: "pool", device: "gpu-0" }];
  const status = { allocation: { devices: { results } }, reservedFor: [userOf(pod)] };
  await client.patch(resourceClaims, claim, { status }, { subresource: "status" });
  await settled();
}

describe("the claims of a pod", () => {
  it("are made from their template when it is there, freed when the pod is done, and go", async () => {
    const told = toldEvents(resourceClaimController);
    await using play = await stage([told.controller]);
    const pod = await play.client.create(pods, newPod("default", [fromTemplate]));
    const uid = pod.metadata?.uid;
    await play.settled();
    expect(told.events[0]).toBe(
      'Warning FailedResourceClaimCreation PodResourceClaim gpu: resource claim template "template": resourceclaimtemplate.resource.k8s.io "template" not found',
    );
    await makeTemplate(play);
    await play.settled();
    const [made] = await claimsIn(play);
    const name = made?.metadata?.name ?? "";
    expect(name).toMatch(/^web-gpu-/);
    expect(made?.metadata).toMatchObject({
      labels: { a: "1" },
      annotations: { "resource.kubernetes.io/pod-claim-name": "gpu" },
      ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "web", uid, controller: true }],
    });
    const { status } = await play.client.get(pods, web());
    expect(status?.resourceClaimStatuses).toEqual([{ name: "gpu", resourceClaimName: name }]);
    await allocate(play, name, pod);
    expect((await claimsIn(play))[0]?.status?.reservedFor).toHaveLength(1);
    await play.client.patch(pods, web(), { status: { phase: "Succeeded" } }, { subresource: "status" });
    await play.settled();
    expect(await claimsIn(play)).toEqual([]);
  });

  it("that users have made are deallocated when nobody uses them, and stay", async () => {
    await using play = await stage([resourceClaimController]);
    await play.client.create(resourceClaims, { metadata: { namespace: "default", name: "shared" }, spec });
    const pod = await play.client.create(pods, newPod("default", [{ name: "gpu", resourceClaimName: "shared" }]));
    await allocate(play, "shared", pod);
    await play.client.delete(pods, web(), { gracePeriodSeconds: 0 });
    await play.settled();
    const [claim] = await claimsIn(play);
    expect(claim?.status?.allocation).toBeUndefined();
    expect(claim?.status?.reservedFor).toBeUndefined();
    expect(claim?.metadata?.finalizers).toBeUndefined();
  });

  it("are reserved for a pod that has its node from somebody else than the scheduler", async () => {
    await using play = await stage([resourceClaimController]);
    await play.client.create(resourceClaims, { metadata: { namespace: "default", name: "shared" }, spec });
    const entries = [{ name: "gpu", resourceClaimName: "shared" }];
    const other = await play.client.create(pods, {
      ...newPod("default", entries),
      metadata: { namespace: "default", name: "other" },
    });
    await allocate(play, "shared", other);
    const pod = await play.client.create(pods, newPod("default", entries, "n1"));
    await play.settled();
    expect((await claimsIn(play))[0]?.status?.reservedFor).toEqual([userOf(other), userOf(pod)]);
  });

  it.each(["unsent", "unanswered"] as const)("are one each, whichever write fails (%s)", async (how) => {
    const failing = failingAt(how);
    await using play = await stage([resourceClaimController], { through: failing.through });
    for (let at = 0; at < 4; at += 1) {
      const namespace = `crash-${at}`;
      await play.client.create(namespaces, { metadata: { name: namespace } });
      await makeTemplate(play, namespace);
      failing.arm(namespace, at);
      await play.client.create(pods, newPod(namespace, [fromTemplate, { ...fromTemplate, name: "second" }]));
      await play.settled();
      await play.restart();
      await play.clock.advance(10_000);
      const made = (await claimsIn(play, namespace)).map(({ metadata }) => metadata?.name).toSorted();
      const { status } = await play.client.get(pods, web(namespace));
      expect(made).toHaveLength(2);
      expect(status?.resourceClaimStatuses?.map(({ resourceClaimName }) => resourceClaimName).toSorted()).toEqual(made);
    }
    expect(failing.failures).toBeGreaterThan(2);
  });
});

describe("what is written for a claim", () => {
  const user = { resource: "pods", name: "web", uid: "1" };
  const finalizers = ["resource.kubernetes.io/delete-protection"];
  const claim: ResourceClaim = {
    metadata: { name: "gpu", finalizers },
    spec,
    status: { allocation: {}, reservedFor: [user, { ...user, uid: "2" }] },
  };

  it("is nothing as long as all use it", () => {
    expect(claimWrites(claim, claim.status?.reservedFor ?? [])).toEqual({ release: false });
  });

  it("keeps the allocation for those who are left", () => {
    expect(claimWrites(claim, [user])).toMatchObject({
      status: { status: { allocation: {}, reservedFor: [user] } },
      release: false,
    });
  });

  it("leaves alone what drivers have allocated for nobody yet", () => {
    expect(claimWrites({ ...claim, status: { allocation: {} } }, [])).toEqual({ release: false });
  });

  it("frees what is deleted", () => {
    const metadata = { ...claim.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" };
    expect(claimWrites({ ...claim, metadata, status: { allocation: {} } }, [])).toMatchObject({
      status: { status: {} },
      release: true,
    });
    expect(claimWrites({ ...claim, metadata, status: {} }, [])).toEqual({ release: true });
  });
});

it("a long name of a claim has something of the pod's and of the entry's", () => {
  const pod: Pod = { metadata: { namespace: "default", name: "p".repeat(60), uid: "1" } };
  const { metadata } = claimFromTemplate(pod, { name: "c".repeat(20) }, { spec: { spec } });
  expect(metadata?.generateName).toBe(`${"p".repeat(41)}-${"c".repeat(13)}`);
});
