import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ControllerRevision, StatefulSet } from "../../api/generated/types/apps-v1.ts";
import type { PersistentVolumeClaim, Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import {
  controllerRevisions,
  namespaces,
  persistentVolumeClaims,
  pods,
  statefulSets,
} from "../../client/resource-types.ts";
import { runPod } from "../pods/run-pods.testing.ts";
import { podsIn, settlePods } from "../pods/settle-pods.testing.ts";
import { names, stage, type Stage } from "../stage.testing.ts";
import { statefulSetController } from "./stateful-set-controller.ts";

let play: Stage;
beforeAll(async () => {
  play = await stage([statefulSetController]);
});
afterAll(() => play[Symbol.asyncDispose]());

let count = 0;
async function newNamespace(): Promise<string> {
  const name = `test-${(count += 1)}`;
  await play.client.create(namespaces, { metadata: { name } });
  return name;
}

function webSet(namespace: string, spec: Partial<StatefulSet["spec"]> = {}): StatefulSet {
  return {
    metadata: { namespace, name: "web" },
    spec: {
      replicas: 3,
      serviceName: "web-headless",
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "nginx:1" }] } },
      ...spec,
    },
  };
}

const claimTemplate: PersistentVolumeClaim = {
  metadata: { name: "data" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
};

const web = (namespace: string): { namespace: string; name: string } => ({ namespace, name: "web" });
const pod = (namespace: string, name: string): Promise<DeepReadonly<Pod>> => play.client.get(pods, { namespace, name });
const setOf = (namespace: string): Promise<DeepReadonly<StatefulSet>> => play.client.get(statefulSets, web(namespace));
const claimsIn = (namespace: string): Promise<DeepReadonly<PersistentVolumeClaim>[]> =>
  play.client.list(persistentVolumeClaims, { namespace });
const revisionsIn = async (namespace: string): Promise<DeepReadonly<ControllerRevision>[]> =>
  (await play.client.list(controllerRevisions, { namespace })).toSorted(
    (left, right) => left.revision - right.revision,
  );
const podNames = async (namespace: string): Promise<string[]> => names(await podsIn(play, namespace));
const images = async (namespace: string): Promise<(string | undefined)[]> =>
  (await podsIn(play, namespace)).map(({ spec }) => spec?.containers[0]?.image);
const setImage = (namespace: string, image: string, more: object = {}): Promise<unknown> =>
  play.client.patch(
    statefulSets,
    web(namespace),
    { spec: { ...more, template: { spec: { containers: [{ name: "web", image }] } } } },
    { type: "strategic" },
  );

async function running(spec: Partial<StatefulSet["spec"]> = {}): Promise<string> {
  const namespace = await newNamespace();
  await play.client.create(statefulSets, webSet(namespace, spec));
  await settlePods(play, namespace);
  return namespace;
}

describe("an ordered StatefulSet", () => {
  it("makes each pod when the one before is ready", async () => {
    const namespace = await newNamespace();
    await play.client.create(statefulSets, webSet(namespace));
    await play.settled();
    expect(await podNames(namespace)).toEqual(["web-0"]);
    await runPod(play, await pod(namespace, "web-0"));
    await play.settled();
    expect(await podNames(namespace)).toEqual(["web-0", "web-1"]);
    await runPod(play, await pod(namespace, "web-0"), { isReady: false });
    await runPod(play, await pod(namespace, "web-1"));
    await play.settled();
    expect(await podNames(namespace)).toEqual(["web-0", "web-1"]);
    await settlePods(play, namespace);
    await runPod(play, await pod(namespace, "web-0"));
    await settlePods(play, namespace);
    expect(await podNames(namespace)).toEqual(["web-0", "web-1", "web-2"]);
  });

  it("gives pods an identity and a status to the set", async () => {
    const namespace = await running({ ordinals: { start: 5 } });
    expect(await podNames(namespace)).toEqual(["web-5", "web-6", "web-7"]);
    const { status } = await setOf(namespace);
    const revision = status?.currentRevision ?? "";
    expect(status).toEqual({
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      currentRevision: revision,
      updateRevision: revision,
      collisionCount: 0,
    });
    expect(await pod(namespace, "web-6")).toMatchObject({
      metadata: {
        generateName: "web-",
        labels: {
          app: "web",
          "statefulset.kubernetes.io/pod-name": "web-6",
          "apps.kubernetes.io/pod-index": "6",
          "controller-revision-hash": revision,
        },
        ownerReferences: [{ kind: "StatefulSet", name: "web", controller: true }],
      },
      spec: { hostname: "web-6", subdomain: "web-headless" },
    });
  });

  it("goes from the highest ordinal down, one by one, waiting for those that terminate", async () => {
    const namespace = await newNamespace();
    const made = webSet(namespace);
    const spec = { ...made.spec?.template.spec, nodeName: "node", containers: [{ name: "web", image: "nginx" }] };
    if (made.spec !== undefined) made.spec.template.spec = spec;
    await play.client.create(statefulSets, made);
    await settlePods(play, namespace);
    await play.client.patch(statefulSets, web(namespace), { spec: { replicas: 0 } });
    await play.settled();
    const terminating = async (): Promise<string[]> =>
      names((await podsIn(play, namespace)).filter(({ metadata }) => metadata?.deletionTimestamp !== undefined));
    expect(await terminating()).toEqual(["web-2"]);
    await play.client.delete(pods, { namespace, name: "web-2" }, { gracePeriodSeconds: 0 });
    await play.settled();
    expect(await terminating()).toEqual(["web-1"]);
    await settlePods(play, namespace);
    expect(await podNames(namespace)).toEqual([]);
  });

  it("makes pods anew that failed, succeeded or were deleted", async () => {
    const namespace = await running();
    const before = new Map((await podsIn(play, namespace)).map(({ metadata }) => [metadata?.name, metadata?.uid]));
    await runPod(play, await pod(namespace, "web-0"), { phase: "Failed" });
    await settlePods(play, namespace);
    await runPod(play, await pod(namespace, "web-1"), { phase: "Succeeded" });
    await settlePods(play, namespace);
    await play.client.delete(pods, { namespace, name: "web-2" });
    await settlePods(play, namespace);
    const after = await podsIn(play, namespace);
    expect(after).toHaveLength(3);
    expect(after.filter(({ metadata }) => before.get(metadata?.name) === metadata?.uid)).toEqual([]);
  });

  it("waits minReadySeconds before it goes on", async () => {
    const namespace = await newNamespace();
    await play.client.create(statefulSets, webSet(namespace, { replicas: 2, minReadySeconds: 10 }));
    await settlePods(play, namespace);
    expect((await setOf(namespace)).status).toMatchObject({ readyReplicas: 1 });
    await play.clock.advance(9_000);
    expect(await podNames(namespace)).toEqual(["web-0"]);
    await play.clock.advance(1_000);
    expect(await podNames(namespace)).toEqual(["web-0", "web-1"]);
    expect((await setOf(namespace)).status).toMatchObject({ availableReplicas: 1 });
  });

  it("adopts pods of its names only, and gives them their identity", async () => {
    const namespace = await newNamespace();
    const orphan = (name: string): Pod => ({
      metadata: { namespace, name, labels: { app: "web" } },
      spec: { containers: [{ name: "web", image: "nginx" }] },
    });
    for (const name of ["web-0", "web-01", "other-0"]) await play.client.create(pods, orphan(name));
    await play.client.create(statefulSets, webSet(namespace, { replicas: 1 }));
    await settlePods(play, namespace);
    const owned = (await podsIn(play, namespace)).filter(({ metadata }) => metadata?.ownerReferences !== undefined);
    expect(names(owned)).toEqual(["web-0"]);
  });
});

describe("a parallel StatefulSet", () => {
  it("makes and deletes pods at once", async () => {
    const namespace = await newNamespace();
    await play.client.create(statefulSets, webSet(namespace, { replicas: 20, podManagementPolicy: "Parallel" }));
    await play.settled();
    expect(await podsIn(play, namespace)).toHaveLength(20);
    await play.client.patch(statefulSets, web(namespace), { spec: { replicas: 1 } });
    await play.settled();
    expect(await podNames(namespace)).toEqual(["web-0"]);
  });
});

describe("a rolling update of a StatefulSet", () => {
  it("goes from the highest ordinal down to the partition", async () => {
    const namespace = await running();
    await setImage(namespace, "nginx:2", { updateStrategy: { rollingUpdate: { partition: 1 } } });
    await play.settled();
    expect(await images(namespace)).toEqual(["nginx:1", "nginx:1", "nginx:2"]);
    await settlePods(play, namespace);
    expect(await images(namespace)).toEqual(["nginx:1", "nginx:2", "nginx:2"]);
    const { status } = await setOf(namespace);
    expect(status).toMatchObject({ currentReplicas: 1, updatedReplicas: 2 });
    expect(status?.currentRevision).not.toBe(status?.updateRevision);
    // Below the partition a pod comes back as it was.
    await play.client.delete(pods, { namespace, name: "web-0" });
    await settlePods(play, namespace);
    expect(await images(namespace)).toEqual(["nginx:1", "nginx:2", "nginx:2"]);
    await setImage(namespace, "nginx:2", { updateStrategy: { rollingUpdate: { partition: 0 } } });
    await settlePods(play, namespace);
    expect(await images(namespace)).toEqual(["nginx:2", "nginx:2", "nginx:2"]);
    const done = (await setOf(namespace)).status;
    expect(done?.currentRevision).toBe(status?.updateRevision);
    expect(done).toMatchObject({ currentReplicas: 3, updatedReplicas: 3 });
  });

  it("stops at a broken pod, and goes back once that pod is deleted", async () => {
    const namespace = await running();
    const isGood = ({ spec }: DeepReadonly<Pod>): boolean => spec?.containers[0]?.image !== "broken";
    await setImage(namespace, "broken");
    await settlePods(play, namespace, isGood);
    expect(await images(namespace)).toEqual(["nginx:1", "nginx:1", "broken"]);
    await setImage(namespace, "nginx:1");
    await settlePods(play, namespace, isGood);
    expect(await images(namespace)).toEqual(["nginx:1", "nginx:1", "broken"]);
    await play.client.delete(pods, { namespace, name: "web-2" });
    await settlePods(play, namespace, isGood);
    expect(await images(namespace)).toEqual(["nginx:1", "nginx:1", "nginx:1"]);
  });

  it("waits for the user with OnDelete", async () => {
    const namespace = await running({ updateStrategy: { type: "OnDelete" } });
    await setImage(namespace, "nginx:2");
    await settlePods(play, namespace);
    expect(await images(namespace)).toEqual(["nginx:1", "nginx:1", "nginx:1"]);
    await play.client.delete(pods, { namespace, name: "web-1" });
    await settlePods(play, namespace);
    expect(await images(namespace)).toEqual(["nginx:1", "nginx:2", "nginx:1"]);
  });
});

describe("the history of a StatefulSet", () => {
  it("holds patches that bring a template back, and the newest number goes to what is used again", async () => {
    const namespace = await running({ replicas: 1 });
    await setImage(namespace, "nginx:2");
    await settlePods(play, namespace);
    const [first, second] = await revisionsIn(namespace);
    expect(first?.data).toMatchObject({
      spec: {
        template: {
          $patch: "replace",
          metadata: { labels: { app: "web" } },
          spec: { containers: [{ image: "nginx:1" }] },
        },
      },
    });
    expect(first?.metadata?.labels).toMatchObject({ app: "web", "controller.kubernetes.io/hash": expect.any(String) });
    expect([first?.revision, second?.revision]).toEqual([1, 2]);
    // What `kubectl rollout undo` sends.
    await play.client.patch(statefulSets, web(namespace), first?.data as object, { type: "strategic" });
    await settlePods(play, namespace);
    expect(await images(namespace)).toEqual(["nginx:1"]);
    const after = await revisionsIn(namespace);
    expect(after.map(({ metadata, revision }) => [metadata?.name, revision])).toEqual([
      [second?.metadata?.name, 2],
      [first?.metadata?.name, 3],
    ]);
  });

  it("is no longer than wanted, and keeps what is in use", async () => {
    const namespace = await running({ replicas: 1, revisionHistoryLimit: 2 });
    for (const image of ["b", "c", "d", "e"]) {
      await setImage(namespace, image);
      await settlePods(play, namespace);
    }
    expect((await revisionsIn(namespace)).map(({ revision }) => revision)).toEqual([3, 4, 5]);
  });

  it("counts collisions of names", async () => {
    const namespace = await running({ replicas: 1 });
    const [revision] = await revisionsIn(namespace);
    await play.client.delete(statefulSets, web(namespace));
    const { namespace: _, ...metadata } = { namespace, name: revision?.metadata?.name ?? "" };
    await play.client.delete(controllerRevisions, { namespace, ...metadata });
    const stranger = { metadata: { namespace, ...metadata }, data: { spec: {} }, revision: 1 };
    await play.client.create(controllerRevisions, stranger);
    await play.client.create(statefulSets, webSet(namespace, { replicas: 1 }));
    await settlePods(play, namespace);
    const { status } = await setOf(namespace);
    expect(status?.collisionCount).toBe(1);
    expect(status?.updateRevision).not.toBe(metadata.name);
  });

  it("adopts revisions that nobody owns", async () => {
    const namespace = await running({ replicas: 1 });
    const [revision] = await revisionsIn(namespace);
    await play.client.delete(statefulSets, web(namespace));
    const name = { namespace, name: revision?.metadata?.name ?? "" };
    const orphan = { metadata: { ownerReferences: null, uid: revision?.metadata?.uid } };
    await play.client.patch(controllerRevisions, name, orphan);
    const made = await play.client.create(statefulSets, webSet(namespace, { replicas: 1 }));
    await play.settled();
    const [adopted] = await revisionsIn(namespace);
    expect(adopted?.metadata?.uid).toBe(revision?.metadata?.uid);
    expect(adopted?.metadata?.ownerReferences?.[0]?.uid).toBe(made.metadata?.uid);
  });
});

describe("a revision that was recorded before a field had a default", () => {
  it("is still the newest", async () => {
    const namespace = await running({ replicas: 1 });
    const [revision] = await revisionsIn(namespace);
    const name = { namespace, name: revision?.metadata?.name ?? "" };
    const before = await pod(namespace, "web-0");
    await play.stop();
    const spec = { containers: [{ name: "web", image: "nginx:1" }] };
    const data = { spec: { template: { $patch: "replace", metadata: { labels: { app: "web" } }, spec } } };
    await play.client.delete(controllerRevisions, name);
    const { labels, ownerReferences } = (revision?.metadata ?? {}) as NonNullable<ControllerRevision["metadata"]>;
    const metadata = { ...name, labels: labels ?? {}, ownerReferences: ownerReferences ?? [] };
    await play.client.create(controllerRevisions, { metadata, data, revision: 1 });
    await play.restart();
    await settlePods(play, namespace);
    expect(names(await revisionsIn(namespace))).toEqual([name.name]);
    expect((await pod(namespace, "web-0")).metadata?.uid).toBe(before.metadata?.uid);
  });
});

describe("the claims of a StatefulSet", () => {
  const storage = { replicas: 2, volumeClaimTemplates: [claimTemplate] };
  const ownerKinds = async (namespace: string): Promise<Record<string, (string | undefined)[]>> =>
    Object.fromEntries(
      (await claimsIn(namespace)).map(({ metadata }) => [
        metadata?.name ?? "",
        (metadata?.ownerReferences ?? []).map(({ kind }) => kind),
      ]),
    );

  it("are made before the pods, and outlive them", async () => {
    const namespace = await running(storage);
    expect(names(await claimsIn(namespace))).toEqual(["data-web-0", "data-web-1"]);
    expect((await claimsIn(namespace))[0]?.metadata?.labels).toEqual({ app: "web" });
    expect((await pod(namespace, "web-1")).spec?.volumes).toContainEqual({
      name: "data",
      persistentVolumeClaim: { claimName: "data-web-1" },
    });
    await play.client.patch(statefulSets, web(namespace), { spec: { replicas: 0 } });
    await settlePods(play, namespace);
    expect(await ownerKinds(namespace)).toEqual({ "data-web-0": [], "data-web-1": [] });
  });

  it("belong to the set, or to a pod that is too many, as the policy says", async () => {
    const policy = { whenDeleted: "Delete", whenScaled: "Delete" };
    const namespace = await running({ ...storage, persistentVolumeClaimRetentionPolicy: policy });
    expect(await ownerKinds(namespace)).toEqual({ "data-web-0": ["StatefulSet"], "data-web-1": ["StatefulSet"] });
    await play.client.patch(statefulSets, web(namespace), { spec: { replicas: 1 } });
    await settlePods(play, namespace);
    expect(await ownerKinds(namespace)).toEqual({ "data-web-0": ["StatefulSet"], "data-web-1": ["Pod"] });
    // Until the garbage collector has taken it, the ordinal stays empty.
    await play.client.patch(statefulSets, web(namespace), { spec: { replicas: 2 } });
    await settlePods(play, namespace);
    expect(await podNames(namespace)).toEqual(["web-0"]);
    const left = { namespace, name: "data-web-1" };
    await play.client.patch(persistentVolumeClaims, left, { metadata: { finalizers: null } });
    await play.client.delete(persistentVolumeClaims, left);
    await settlePods(play, namespace);
    expect(await podNames(namespace)).toEqual(["web-0", "web-1"]);
    await play.client.patch(statefulSets, web(namespace), {
      spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" } },
    });
    await settlePods(play, namespace);
    expect(await ownerKinds(namespace)).toEqual({ "data-web-0": [], "data-web-1": [] });
  });

  it("are made again for a pod that waits for them", async () => {
    const namespace = await newNamespace();
    await play.client.create(statefulSets, webSet(namespace, storage));
    await play.settled();
    const claim = { namespace, name: "data-web-0" };
    await play.client.patch(persistentVolumeClaims, claim, { metadata: { finalizers: null } });
    await play.client.delete(persistentVolumeClaims, claim);
    await play.settled();
    expect(names(await claimsIn(namespace))).toEqual(["data-web-0"]);
  });
});
