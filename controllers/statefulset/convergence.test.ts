import { expect, it } from "vitest";
import { toldEvents } from "../pods/told-events.testing.ts";
import { podsIn, settlePods } from "../pods/settle-pods.testing.ts";
import { failingAt } from "../failing-at.testing.ts";
import { controllerRevisions, namespaces, persistentVolumeClaims, statefulSets } from "../../client/resource-types.ts";
import { names, stage } from "../stage.testing.ts";
import { statefulSetController } from "./stateful-set-controller.ts";

const set = (namespace: string): object => ({
  metadata: { namespace, name: "web" },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "nginx:1" }] } },
    volumeClaimTemplates: [
      {
        metadata: { name: "data" },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
      },
    ],
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Retain" },
  },
});

/** More than a StatefulSet writes that comes to be, is updated and scaled down. */
const writes = 24;

it.each(["unsent", "unanswered"] as const)(
  "converges after a crash at any write that is %s",
  async (how) => {
    const failing = failingAt(how);
    await using play = await stage([statefulSetController], { through: failing.through });
    const { client } = play;
    const spaces = Array.from({ length: writes }, (_, at) => `crash-${at}`);
    const inAll = async (call: (namespace: string) => Promise<unknown>): Promise<void> => {
      await Promise.all(spaces.map(call));
      await settlePods(play);
      await play.restart();
      await settlePods(play);
    };
    const template = { spec: { containers: [{ name: "web", image: "nginx:2" }] } };
    await Promise.all(spaces.map((name) => client.create(namespaces, { metadata: { name } })));
    for (const [at, namespace] of spaces.entries()) failing.arm(namespace, at);
    await inAll((namespace) => client.create(statefulSets, set(namespace)));
    await inAll((namespace) =>
      client.patch(statefulSets, { namespace, name: "web" }, { spec: { template } }, { type: "strategic" }),
    );
    await inAll((namespace) => client.patch(statefulSets, { namespace, name: "web" }, { spec: { replicas: 1 } }));
    expect(failing.failures).toBeGreaterThan(15);
    expect(failing.failures).toBeLessThan(writes);
    for (const namespace of spaces) {
      expect((await podsIn(play, namespace)).map(({ spec }) => spec?.containers[0]?.image)).toEqual(["nginx:2"]);
      const claims = await client.list(persistentVolumeClaims, { namespace });
      expect(claims.map(({ metadata }) => metadata?.ownerReferences?.[0]?.kind)).toEqual([
        "StatefulSet",
        "StatefulSet",
      ]);
      const revisions = await client.list(controllerRevisions, { namespace });
      expect(revisions.map(({ revision }) => revision).toSorted()).toEqual([1, 2]);
      const { status } = await client.get(statefulSets, { namespace, name: "web" });
      expect(status).toMatchObject({ replicas: 1, readyReplicas: 1, updatedReplicas: 1, currentReplicas: 1 });
      expect(status?.currentRevision).toBe(status?.updateRevision);
    }
  },
  60_000,
);

it("tells what it does in upstream's words", async () => {
  const told = toldEvents(statefulSetController);
  await using play = await stage([told.controller]);
  await play.client.create(statefulSets, set("default"));
  await settlePods(play, "default");
  await play.client.patch(statefulSets, { namespace: "default", name: "web" }, { spec: { replicas: 1 } });
  await settlePods(play, "default");
  expect(told.events).toEqual([
    "Normal SuccessfulCreate Create Claim data-web-0 Pod web-0 in StatefulSet web success",
    "Normal SuccessfulCreate Create Pod web-0 in StatefulSet web successful",
    "Normal SuccessfulCreate Create Claim data-web-1 Pod web-1 in StatefulSet web success",
    "Normal SuccessfulCreate Create Pod web-1 in StatefulSet web successful",
    "Normal SuccessfulDelete Delete Pod web-1 in StatefulSet web successful",
  ]);
  expect(names(await podsIn(play, "default"))).toEqual(["web-0"]);
});

it("tells why a pod cannot be made, and makes it when it can be", async () => {
  const told = toldEvents(statefulSetController);
  const failing = failingAt("unsent");
  await using play = await stage([told.controller], { through: failing.through });
  // The first three writes are the revision, the claim and the pod.
  failing.arm("default", 2);
  await play.client.create(statefulSets, set("default"));
  await play.settled();
  expect(told.events).toContain(
    "Warning FailedCreate Create Pod web-0 in StatefulSet web failed error: the test says no",
  );
  await play.clock.advance(1000);
  expect(names(await podsIn(play, "default"))).toEqual(["web-0"]);
});
