import { expect, it } from "vitest";
import type { ReplicationController } from "../../api/generated/types/core-v1.ts";
import { pods, replicationControllers } from "../../client/resource-types.ts";
import { playKubelet } from "../pods/run-pods.testing.ts";
import { stage } from "../stage.testing.ts";
import { replicationController } from "./replication-controller.ts";

const name = { namespace: "default", name: "old" };
const object: ReplicationController = {
  metadata: { ...name },
  spec: {
    replicas: 2,
    selector: { app: "old" },
    template: { metadata: { labels: { app: "old" } }, spec: { containers: [{ name: "web", image: "nginx" }] } },
  },
};

it("a ReplicationController keeps its pods as a ReplicaSet does, and comes to rest while one of them is ending", async () => {
  await using play = await stage([replicationController, playKubelet()]);
  await play.client.create(replicationControllers, object);
  await play.clock.advance(5_000);
  const made = await play.client.list(pods, { namespace: "default" });
  expect(made.map(({ metadata }) => metadata?.ownerReferences?.[0]?.kind)).toEqual([
    "ReplicationController",
    "ReplicationController",
  ]);
  const ending = { namespace: "default", name: made[0]?.metadata?.name ?? "" };
  await play.client.patch(pods, ending, { metadata: { finalizers: ["example.com/wait"] } });
  await play.client.delete(pods, ending);
  await play.clock.advance(5_000);
  const { status, metadata } = await play.client.get(replicationControllers, name);
  expect(status).toEqual({
    replicas: 2,
    fullyLabeledReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
    observedGeneration: 1,
  });
  await play.clock.advance(60_000);
  expect((await play.client.get(replicationControllers, name)).metadata?.resourceVersion).toBe(
    metadata?.resourceVersion,
  );
});
