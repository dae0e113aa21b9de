import { describe, expect, it } from "vitest";
import type { DaemonSet } from "../../api/generated/types/apps-v1.ts";
import type { Pod, Taint } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { controllerRevisions, daemonSets, namespaces, nodes, pods } from "../../client/resource-types.ts";
import { failingAt } from "../failing-at.testing.ts";
import { runPod } from "../pods/run-pods.testing.ts";
import { endPod, podsIn, settlePods } from "../pods/settle-pods.testing.ts";
import { toldEvents } from "../pods/told-events.testing.ts";
import { stage, type Stage, type StageOptions } from "../stage.testing.ts";
import { daemonSetController } from "./daemon-set-controller.ts";
import { targetNode } from "./daemon-pod.ts";

const name = { namespace: "default", name: "agent" };

function agentSet(spec: Partial<DaemonSet["spec"]> = {}, namespace = "default"): DaemonSet {
  return {
    metadata: { namespace, name: "agent" },
    spec: {
      selector: { matchLabels: { app: "agent" } },
      template: { metadata: { labels: { app: "agent" } }, spec: { containers: [{ name: "agent", image: "agent:1" }] } },
      ...spec,
    },
  };
}

/** A node that is ready: the taint that new ones get is gone. */
async function addNode(
  { client }: Stage,
  named: string,
  labels: Record<string, string> = {},
  taints: Taint[] = [],
): Promise<void> {
  await client.create(nodes, { metadata: { name: named, labels } });
  await client.patch(nodes, { name: named }, { spec: { taints } });
}

/** Some nodes, and nothing else. */
async function withNodes(count: number, options: StageOptions = {}, controller = daemonSetController): Promise<Stage> {
  const play = await stage([controller], options);
  for (let index = 0; index < count; index += 1) await addNode(play, `node-${index}`);
  return play;
}

const patchSet = ({ client }: Stage, spec: object): Promise<unknown> =>
  client.patch(daemonSets, name, { spec }, { type: "strategic" });
const withImage = (image: string): object => ({ template: { spec: { containers: [{ name: "agent", image }] } } });
const statusOf = async ({ client }: Stage): Promise<DeepReadonly<DaemonSet["status"]>> =>
  (await client.get(daemonSets, name)).status;
const placed = async (play: Stage): Promise<(string | undefined)[]> =>
  (await podsIn(play, "default")).map(targetNode).toSorted();
const image = ({ spec }: DeepReadonly<Pod>): string | undefined => spec?.containers[0]?.image;
const images = async (play: Stage): Promise<string> =>
  (await podsIn(play, "default"))
    .map((pod) => image(pod)?.split(":")[1])
    .toSorted()
    .join("");
/** As the scheduler does: from then on a pod is not deleted at once. */
async function bindPod({ client }: Stage, pod: DeepReadonly<Pod>): Promise<void> {
  const { namespace, name: podName = "" } = pod.metadata ?? {};
  const binding = { metadata: { namespace, name: podName }, target: { kind: "Node", name: targetNode(pod) } };
  await client.create(pods, binding as Pod, "binding");
}

async function bindAll(play: Stage): Promise<void> {
  for (const pod of await podsIn(play, "default")) if (pod.spec?.nodeName === undefined) await bindPod(play, pod);
}

describe("a DaemonSet", () => {
  it("puts a pod on each node that suits, by its name", async () => {
    await using play = await withNodes(2);
    const { client } = play;
    await addNode(play, "tainted", {}, [{ key: "a", value: "b", effect: "NoSchedule" }]);
    const unready = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };
    await addNode(play, "cordoned", {}, [unready]);
    await client.create(daemonSets, agentSet());
    await settlePods(play, "default");
    expect(await placed(play)).toEqual(["cordoned", "node-0", "node-1"]);
    const [pod] = await podsIn(play, "default");
    const [revision] = await client.list(controllerRevisions, { namespace: "default" });
    expect(pod?.metadata?.labels).toEqual({
      app: "agent",
      "controller-revision-hash": revision?.metadata?.labels?.["controller-revision-hash"],
      "pod-template-generation": "1",
    });
    expect(pod?.spec?.tolerations?.map(({ key, effect }) => `${key}:${effect}`)).toEqual([
      "node.kubernetes.io/not-ready:NoExecute",
      "node.kubernetes.io/unreachable:NoExecute",
      "node.kubernetes.io/disk-pressure:NoSchedule",
      "node.kubernetes.io/memory-pressure:NoSchedule",
      "node.kubernetes.io/pid-pressure:NoSchedule",
      "node.kubernetes.io/unschedulable:NoSchedule",
    ]);
    expect(await statusOf(play)).toEqual({
      observedGeneration: 1,
      desiredNumberScheduled: 3,
      currentNumberScheduled: 3,
      numberMisscheduled: 0,
      numberReady: 3,
      numberAvailable: 3,
      updatedNumberScheduled: 3,
    });
  });

  it("follows nodes that come, go and change", async () => {
    await using play = await withNodes(0);
    const { client } = play;
    const template = agentSet().spec?.template;
    const selecting = {
      ...template,
      spec: { ...template?.spec, containers: [{ name: "a", image: "a" }], nodeSelector: { disk: "ssd" } },
    };
    await client.create(daemonSets, agentSet({ template: selecting }));
    await addNode(play, "a", { disk: "ssd" });
    await addNode(play, "b");
    await settlePods(play, "default");
    expect(await placed(play)).toEqual(["a"]);
    await client.patch(nodes, { name: "b" }, { metadata: { labels: { disk: "ssd" } } });
    await settlePods(play, "default");
    expect(await placed(play)).toEqual(["a", "b"]);
    await client.patch(nodes, { name: "a" }, { metadata: { labels: { disk: null } } });
    await settlePods(play, "default");
    expect(await placed(play)).toEqual(["b"]);
    // Who runs there already may stay when others are kept away, but is misplaced.
    await client.patch(nodes, { name: "b" }, { spec: { taints: [{ key: "x", effect: "NoSchedule" }] } });
    await play.settled();
    expect(await placed(play)).toEqual(["b"]);
    expect(await statusOf(play)).toMatchObject({ desiredNumberScheduled: 0, numberMisscheduled: 1 });
    await client.patch(nodes, { name: "b" }, { spec: { taints: [{ key: "x", effect: "NoExecute" }] } });
    await play.settled();
    expect(await placed(play)).toEqual([]);
  });

  it("deletes what waits for a node that is gone, and leaves what runs there to others", async () => {
    await using play = await withNodes(2);
    await play.client.create(daemonSets, agentSet());
    await play.settled();
    const bound = (await podsIn(play, "default")).find((pod) => targetNode(pod) === "node-0");
    if (bound !== undefined) await bindPod(play, bound);
    for (const gone of ["node-0", "node-1"]) await play.client.delete(nodes, { name: gone });
    await play.settled();
    expect(await placed(play)).toEqual(["node-0"]);
    expect(await statusOf(play)).toMatchObject({ desiredNumberScheduled: 0, numberMisscheduled: 0 });
  });

  it("replaces pods that failed ever later, and those that succeeded at once, and tells why", async () => {
    const told = toldEvents(daemonSetController);
    await using play = await withNodes(1, {}, told.controller);
    await play.client.create(daemonSets, agentSet());
    await play.settled();
    const failAgain = async (): Promise<void> => {
      const [pod] = await podsIn(play, "default");
      if (pod !== undefined) await runPod(play, pod, { phase: "Failed" });
      await play.settled();
    };
    const phase = async (): Promise<string | undefined> => (await podsIn(play, "default"))[0]?.status?.phase;
    await failAgain();
    expect(await phase()).toBe("Pending");
    await failAgain();
    expect(await phase()).toBe("Failed");
    await play.clock.advance(1_000);
    expect(await phase()).toBe("Pending");
    await failAgain();
    await play.clock.advance(1_900);
    expect(await phase()).toBe("Failed");
    await play.clock.advance(100);
    expect(await phase()).toBe("Pending");
    const [pod] = await podsIn(play, "default");
    if (pod !== undefined) await runPod(play, pod, { phase: "Succeeded" });
    await play.settled();
    expect(await phase()).toBe("Pending");
    const ended = told.events.filter((event) => event.includes("Found"));
    expect(ended).toHaveLength(4);
    expect(ended[0]).toMatch(
      /^Warning FailedDaemonPod Found failed daemon pod default\/agent-\w+ on node node-0, will try to kill it$/,
    );
    expect(ended[3]).toBe(
      `Normal SucceededDaemonPod Found succeeded daemon pod default/${pod?.metadata?.name} on node node-0, will try to delete it`,
    );
  });

  it("keeps the oldest of several pods on a node", async () => {
    await using play = await withNodes(1);
    await play.client.create(daemonSets, agentSet());
    await settlePods(play, "default");
    const [first] = await podsIn(play, "default");
    await play.clock.advance(1_000);
    const twin = { ...first, metadata: { ...first?.metadata, name: "twin" } } as DeepReadonly<Pod>;
    const { uid: _, resourceVersion: __, ...metadata } = twin.metadata ?? {};
    await play.client.create(pods, { ...twin, metadata });
    await play.settled();
    expect((await podsIn(play, "default")).map((pod) => pod.metadata?.name)).toEqual([first?.metadata?.name]);
  });
});

describe("an update of a DaemonSet", () => {
  it("replaces as many pods at once as may be unavailable", async () => {
    await using play = await withNodes(4);
    await play.client.create(
      daemonSets,
      agentSet({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 2 } } }),
    );
    await settlePods(play, "default");
    await patchSet(play, withImage("agent:2"));
    await play.settled();
    expect(await images(play)).toBe("1122");
    expect(await statusOf(play)).toMatchObject({ updatedNumberScheduled: 2, numberUnavailable: 2 });
    await settlePods(play, "default");
    expect(await images(play)).toBe("2222");
  });

  it("puts new pods beside old ones where it may surge", async () => {
    await using play = await withNodes(3);
    const rollingUpdate = { maxSurge: 1, maxUnavailable: 0 };
    await play.client.create(daemonSets, agentSet({ updateStrategy: { type: "RollingUpdate", rollingUpdate } }));
    await play.settled();
    await bindAll(play);
    await settlePods(play, "default");
    await patchSet(play, withImage("agent:2"));
    await play.settled();
    expect(await images(play)).toBe("1112");
    for (let round = 0; round < 3; round += 1) {
      await bindAll(play);
      for (const pod of await podsIn(play, "default")) if (pod.status?.phase === "Pending") await runPod(play, pod);
      await play.settled();
      for (const pod of await podsIn(play, "default"))
        if (pod.metadata?.deletionTimestamp !== undefined) await endPod(play, pod);
      await play.settled();
    }
    expect(await images(play)).toBe("222");
  });

  it("waits for the user with OnDelete", async () => {
    await using play = await withNodes(2);
    await play.client.create(daemonSets, agentSet({ updateStrategy: { type: "OnDelete" } }));
    await settlePods(play, "default");
    await patchSet(play, withImage("agent:2"));
    await settlePods(play, "default");
    expect(await images(play)).toBe("11");
    const [pod] = await podsIn(play, "default");
    if (pod !== undefined) await endPod(play, pod);
    await settlePods(play, "default");
    expect(await images(play)).toBe("12");
  });

  it("is on record, and can be undone", async () => {
    await using play = await withNodes(1);
    const revisions = async (): Promise<string[]> =>
      (await play.client.list(controllerRevisions, { namespace: "default" }))
        .toSorted((left, right) => left.revision - right.revision)
        .map(({ revision, data }) => `${revision} ${JSON.stringify(data).match(/agent:\d/)?.[0]}`);
    await play.client.create(daemonSets, agentSet({ revisionHistoryLimit: 1 }));
    await settlePods(play, "default");
    const [first] = await play.client.list(controllerRevisions, { namespace: "default" });
    await patchSet(play, withImage("agent:2"));
    await settlePods(play, "default");
    expect(await revisions()).toEqual(["1 agent:1", "2 agent:2"]);
    await play.client.patch(daemonSets, name, first?.data as object, { type: "strategic" });
    await settlePods(play, "default");
    expect(await revisions()).toEqual(["2 agent:2", "3 agent:1"]);
    expect(await images(play)).toBe("1");
    await patchSet(play, withImage("agent:3"));
    await settlePods(play, "default");
    expect(await revisions()).toEqual(["3 agent:1", "4 agent:3"]);
  });

  it("finds another name where its own is taken", async () => {
    await using play = await withNodes(1);
    await play.client.create(daemonSets, agentSet());
    await play.settled();
    const [revision] = await play.client.list(controllerRevisions, { namespace: "default" });
    const taken = { namespace: "default", name: revision?.metadata?.name ?? "" };
    await play.stop();
    await play.client.delete(daemonSets, name);
    for (const pod of await podsIn(play, "default")) await endPod(play, pod);
    await play.client.delete(controllerRevisions, taken);
    await play.client.create(controllerRevisions, { metadata: taken, data: {}, revision: 7 });
    await play.client.create(daemonSets, agentSet());
    await play.restart();
    await settlePods(play, "default");
    expect(await statusOf(play)).toMatchObject({ collisionCount: 1, numberReady: 1, updatedNumberScheduled: 1 });
  });
});

it.each(["unsent", "unanswered"] as const)(
  "a DaemonSet converges after a crash at any write that is %s",
  async (how) => {
    const failing = failingAt(how);
    const writes = 20;
    await using play = await withNodes(2, { through: failing.through }, toldEvents(daemonSetController).controller);
    const { client } = play;
    const spaces = Array.from({ length: writes }, (_, at) => `crash-${at}`);
    const inAll = async (call: (namespace: string) => Promise<unknown>): Promise<void> => {
      await Promise.all(spaces.map(call));
      await settlePods(play);
      await play.restart();
      await settlePods(play);
    };
    await Promise.all(spaces.map((space) => client.create(namespaces, { metadata: { name: space } })));
    for (const [at, space] of spaces.entries()) failing.arm(space, at);
    await inAll((namespace) => client.create(daemonSets, agentSet({ revisionHistoryLimit: 0 }, namespace)));
    await inAll((namespace) =>
      client.patch(daemonSets, { namespace, name: "agent" }, { spec: withImage("agent:2") }, { type: "strategic" }),
    );
    expect(failing.failures).toBeGreaterThan(8);
    expect(failing.failures).toBeLessThan(writes);
    for (const namespace of spaces) {
      const found = await podsIn(play, namespace);
      expect(found.map(targetNode).toSorted()).toEqual(["node-0", "node-1"]);
      expect(found.map(image)).toEqual(["agent:2", "agent:2"]);
      const revisions = await client.list(controllerRevisions, { namespace });
      expect(revisions.map(({ revision }) => revision)).toEqual([2]);
      const { status } = await client.get(daemonSets, { namespace, name: "agent" });
      expect(status).toMatchObject({ numberAvailable: 2, updatedNumberScheduled: 2, observedGeneration: 2 });
    }
  },
  60_000,
);
