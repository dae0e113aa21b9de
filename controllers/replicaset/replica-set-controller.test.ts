import { describe, expect, it } from "vitest";
import type { ReplicaSet } from "../../api/generated/types/apps-v1.ts";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { pods, replicaSets } from "../../client/resource-types.ts";
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

async function runPod({ client, clock }: Stage, pod: DeepReadonly<Pod>): Promise<void> {
  const lastTransitionTime = new Date(clock.now()).toISOString().replace(".000", "");
  const { namespace, name: named = "" } = pod.metadata ?? {};
  const conditions = [{ type: "Ready", status: "True", lastTransitionTime }];
  await client.patch(pods, { namespace, name: named }, { status: { phase: "Running", conditions } }, { subresource: "status" });
}

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

  it("goes on after a crash where it stood, making no pod too many", async () => {
    await using play = await stage([replicaSetController]);
    await play.client.create(replicaSets, webSet(40));
    await play.restart();
    await play.settled();
    expect(await podsOf(play)).toHaveLength(40);
  });
});
