import { describe, expect, it } from "vitest";
import type { ReplicaSet } from "../../api/generated/types/apps-v1.ts";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Transport } from "../../api/wire.ts";
import { pods, replicaSets } from "../../client/resource-types.ts";
import { playKubelet, runPod } from "../pods/run-pods.testing.ts";
import { toldEvents } from "../pods/told-events.testing.ts";
import { names, stage, type Stage } from "../stage.testing.ts";
import { replicaSetController } from "./replica-set-controller.ts";

const name = { namespace: "default", name: "web" };

function webSet(replicas: number, more: Partial<ReplicaSet["spec"]> = {}): ReplicaSet {
  return {
    metadata: { ...name },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "nginx" }] } },
      ...more,
    },
  };
}

function webPod(named: string, labels: Record<string, string> = { app: "web" }): Pod {
  return {
    metadata: { namespace: "default", name: named, labels },
    spec: { containers: [{ name: "web", image: "nginx" }] },
  };
}

const podsOf = ({ client }: Stage): Promise<DeepReadonly<Pod>[]> => client.list(pods, { namespace: "default" });

describe("a ReplicaSet", () => {
  it("gets the pods that it wants, and loses those that are too many", async () => {
    await using play = await stage([replicaSetController]);
    await play.client.create(replicaSets, webSet(3));
    await play.settled();
    const made = await podsOf(play);
    expect(made).toHaveLength(3);
    expect(made[0]?.metadata).toMatchObject({
      generateName: "web-",
      labels: { app: "web" },
      ownerReferences: [{ kind: "ReplicaSet", name: "web", controller: true, blockOwnerDeletion: true }],
    });
    await play.client.patch(replicaSets, name, { spec: { replicas: 1 } });
    await play.settled();
    const left = await podsOf(play);
    expect(left).toHaveLength(1);
    const set = await play.client.get(replicaSets, name);
    expect(set.status).toMatchObject({ replicas: 1, fullyLabeledReplicas: 1, observedGeneration: 2 });
  });

  it("replaces a pod that is deleted or has failed", async () => {
    await using play = await stage([replicaSetController]);
    await play.client.create(replicaSets, webSet(2));
    await play.settled();
    const [first, second] = await podsOf(play);
    await play.client.delete(pods, { namespace: "default", name: first?.metadata?.name ?? "" });
    const failed = { namespace: "default", name: second?.metadata?.name ?? "" };
    await play.client.patch(pods, failed, { status: { phase: "Failed" } }, { subresource: "status" });
    await play.settled();
    const now = await podsOf(play);
    expect(now.filter(({ status }) => status?.phase !== "Failed")).toHaveLength(2);
    expect(names(now)).not.toContain(first?.metadata?.name);
  });

  it("adopts pods that match, releases those that no longer do, and leaves others' alone", async () => {
    await using play = await stage([replicaSetController]);
    await play.client.create(pods, webPod("orphan"));
    await play.client.create(pods, webPod("stranger", { app: "other" }));
    await play.client.create(replicaSets, webSet(2));
    await play.settled();
    expect(await podsOf(play)).toHaveLength(3);
    await play.client.patch(pods, { namespace: "default", name: "orphan" }, { metadata: { labels: { app: "debug" } } });
    await play.settled();
    const now = await podsOf(play);
    expect(now).toHaveLength(4);
    expect(now.find(({ metadata }) => metadata?.name === "orphan")?.metadata?.ownerReferences).toBeUndefined();
  });

  it("counts a pod as available when it has been ready for minReadySeconds", async () => {
    await using play = await stage([replicaSetController]);
    await play.client.create(replicaSets, webSet(1, { minReadySeconds: 30 }));
    await play.settled();
    const [pod] = await podsOf(play);
    if (pod !== undefined) await runPod(play, pod);
    await play.clock.advance(29_000);
    expect((await play.client.get(replicaSets, name)).status).toMatchObject({ readyReplicas: 1 });
    expect((await play.client.get(replicaSets, name)).status?.availableReplicas).toBeUndefined();
    await play.clock.advance(1_000);
    expect((await play.client.get(replicaSets, name)).status).toMatchObject({ availableReplicas: 1 });
  });

  it("counts those that are on their way out apart, and does not wait for them", async () => {
    await using play = await stage([replicaSetController]);
    await play.client.create(replicaSets, webSet(2));
    await play.settled();
    const [pod] = await podsOf(play);
    const stuck = { namespace: "default", name: pod?.metadata?.name ?? "" };
    await play.client.patch(pods, stuck, { metadata: { finalizers: ["example.com/wait"] } });
    await play.client.delete(pods, stuck);
    await play.settled();
    expect(await podsOf(play)).toHaveLength(3);
    expect((await play.client.get(replicaSets, name)).status).toMatchObject({ replicas: 2, terminatingReplicas: 1 });
    await play.client.patch(pods, stuck, { metadata: { finalizers: null } });
    await play.settled();
    expect((await play.client.get(replicaSets, name)).status).toMatchObject({ replicas: 2, terminatingReplicas: 0 });
  });

  it("says why pods cannot be made, tries little at once, and goes on when they can", async () => {
    const told = toldEvents(replicaSetController);
    let tries = 0;
    let isFull = true;
    const through = refusing(({ method, url }) => {
      if (!isFull || method !== "POST" || !url.endsWith("/pods")) return false;
      tries += 1;
      return tries > 3;
    });
    await using play = await stage([told.controller], { through });
    await play.client.create(replicaSets, webSet(50));
    await play.settled();
    expect(tries).toBeLessThanOrEqual(10);
    const { status } = await play.client.get(replicaSets, name);
    expect(status).toMatchObject({ replicas: 3, observedGeneration: 1 });
    expect(status?.conditions).toMatchObject([
      { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "no" },
    ]);
    expect(told.events).toContain("Warning FailedCreate Error creating: no");
    isFull = false;
    await play.clock.advance(60_000);
    const after = await play.client.get(replicaSets, name);
    expect(after.status?.replicas).toBe(50);
    expect(after.status?.conditions).toBeUndefined();
    expect(told.events.filter((event) => event.startsWith("Normal SuccessfulCreate Created pod: web-"))).toHaveLength(
      50,
    );
  });

  it("makes no pods while it is deleted", async () => {
    await using play = await stage([replicaSetController]);
    await play.client.create(replicaSets, { ...webSet(2), metadata: { ...name, finalizers: ["example.com/wait"] } });
    await play.settled();
    await play.client.delete(replicaSets, name);
    const [pod] = await podsOf(play);
    await play.client.delete(pods, { namespace: "default", name: pod?.metadata?.name ?? "" });
    await play.settled();
    expect(await podsOf(play)).toHaveLength(1);
    expect((await play.client.get(replicaSets, name)).status?.replicas).toBe(1);
  });

  it("goes on after a crash where it stood, at whichever write, making no pod too many and deleting none too many", async () => {
    let left = Infinity;
    const through = refusing(({ method }) => {
      if (method !== "GET") left -= 1;
      return left < 0;
    });
    await using play = await stage([replicaSetController, playKubelet()], { through });
    await play.client.create(replicaSets, webSet(0));
    await play.settled();
    for (const [writes, replicas] of [9, 2, 12, 5, 0, 7].entries()) {
      left = writes;
      await play.client.patch(replicaSets, name, { spec: { replicas } });
      await play.settled();
      await play.stop();
      left = Infinity;
      await play.restart();
      await play.clock.advance(5_000);
      expect(await podsOf(play)).toHaveLength(replicas);
      expect((await play.client.get(replicaSets, name)).status?.availableReplicas ?? 0).toBe(replicas);
    }
  });
});

function refusing(
  isRefused: (request: { readonly method: string; readonly url: string }) => boolean,
): (transport: Transport) => Transport {
  return (transport) => (request) => {
    if (isRefused(request)) throw new ApiError("Forbidden", "no");
    return transport(request);
  };
}
