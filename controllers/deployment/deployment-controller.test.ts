import { describe, expect, it } from "vitest";
import type { Deployment, ReplicaSet } from "../../api/generated/types/apps-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Transport } from "../../api/wire.ts";
import { deployments, pods, replicaSets } from "../../client/resource-types.ts";
import { failingAt } from "../failing-at.testing.ts";
import { playKubelet, runPods } from "../pods/run-pods.testing.ts";
import { toldEvents } from "../pods/told-events.testing.ts";
import { replicaSetController } from "../replicaset/replica-set-controller.ts";
import { stage, type Stage } from "../stage.testing.ts";
import { deploymentController } from "./deployment-controller.ts";

const namespace = "default";
const name = { namespace, name: "web" };
const containers = (image: string): { name: string; image: string }[] => [{ name: "web", image }];

function web(replicas: number, more: Partial<Deployment["spec"]> = {}): Deployment {
  return {
    metadata: { ...name },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: containers("nginx:1") } },
      ...more,
    },
  };
}

const cast = [deploymentController, replicaSetController];
const get = ({ client }: Stage): Promise<DeepReadonly<Deployment>> => client.get(deployments, name);
const template = (tag: string): object => ({ template: { spec: { containers: containers(tag) } } });
const image = (tag: string): object => ({ spec: template(tag) });

/** By age: image, size, revision. */
async function setsOf({ client }: Stage): Promise<string[]> {
  const sets = await client.list(replicaSets, { namespace });
  const revision = (set: DeepReadonly<ReplicaSet>): string =>
    set.metadata?.annotations?.["deployment.kubernetes.io/revision"] ?? "";
  return sets
    .map((set) => `${set.spec?.template?.spec?.containers[0]?.image} ${set.spec?.replicas} r${revision(set)}`)
    .toSorted();
}

async function conditionsOf(play: Stage): Promise<Record<string, string>> {
  const { status } = await get(play);
  return Object.fromEntries(
    (status?.conditions ?? []).map(({ type, status: is, reason }) => [type, `${is} ${reason}`]),
  );
}

describe("a Deployment", () => {
  it("makes a ReplicaSet, and tells when its pods are available", async () => {
    const told = toldEvents(deploymentController);
    await using play = await stage([told.controller, replicaSetController]);
    await play.client.create(deployments, { ...web(3), metadata: { ...name, annotations: { cause: "first" } } });
    await play.settled();
    const [set] = await play.client.list(replicaSets, { namespace });
    const hash = set?.metadata?.labels?.["pod-template-hash"] ?? "";
    expect(set).toMatchObject({
      metadata: {
        name: `web-${hash}`,
        labels: { app: "web", "pod-template-hash": hash },
        annotations: {
          cause: "first",
          "deployment.kubernetes.io/revision": "1",
          "deployment.kubernetes.io/desired-replicas": "3",
          "deployment.kubernetes.io/max-replicas": "4",
        },
        ownerReferences: [{ kind: "Deployment", name: "web", controller: true, blockOwnerDeletion: true }],
      },
      spec: { replicas: 3, selector: { matchLabels: { app: "web", "pod-template-hash": hash } } },
    });
    expect(await get(play)).toMatchObject({
      metadata: { generation: 1, annotations: { "deployment.kubernetes.io/revision": "1" } },
      status: {
        observedGeneration: 1,
        replicas: 3,
        updatedReplicas: 3,
        unavailableReplicas: 3,
        terminatingReplicas: 0,
      },
    });
    expect(await conditionsOf(play)).toEqual({
      Progressing: "True ReplicaSetUpdated",
      Available: "False MinimumReplicasUnavailable",
    });
    await runPods(play);
    await play.settled();
    const { status } = await get(play);
    expect(status).toMatchObject({ replicas: 3, readyReplicas: 3, availableReplicas: 3, updatedReplicas: 3 });
    expect(status?.unavailableReplicas).toBeUndefined();
    expect(status?.conditions?.map(({ message }) => message)).toEqual([
      "Deployment has minimum availability.",
      `ReplicaSet "web-${hash}" has successfully progressed.`,
    ]);
    expect(told.events).toEqual([`Normal ScalingReplicaSet Scaled up replica set web-${hash} from 0 to 3`]);
  });

  it("rolls a new template out step by step, and goes back to an old one with the ReplicaSet that it had", async () => {
    await using play = await stage([...cast, playKubelet()]);
    await play.client.create(deployments, web(4, { revisionHistoryLimit: 2 }));
    await play.clock.advance(5_000);
    let least = 4;
    for (const tag of ["nginx:2", "nginx:3"]) {
      await play.client.patch(deployments, name, image(tag));
      for (let second = 0; second < 20; second += 1) {
        await play.clock.advance(1_000);
        least = Math.min(least, (await get(play)).status?.availableReplicas ?? 0);
      }
    }
    expect(least).toBe(3);
    expect(await setsOf(play)).toEqual(["nginx:1 0 r1", "nginx:2 0 r2", "nginx:3 4 r3"]);
    await play.client.patch(deployments, name, image("nginx:1"));
    await play.clock.advance(30_000);
    expect(await setsOf(play)).toEqual(["nginx:1 4 r4", "nginx:2 0 r2", "nginx:3 0 r3"]);
    const sets = await play.client.list(replicaSets, { namespace });
    expect(sets.map(({ metadata }) => metadata?.annotations?.["deployment.kubernetes.io/revision-history"])).toContain(
      "1",
    );
    await play.client.patch(deployments, name, image("nginx:4"));
    await play.clock.advance(30_000);
    expect(await setsOf(play)).toEqual(["nginx:1 0 r4", "nginx:3 0 r3", "nginx:4 4 r5"]);
    expect(await conditionsOf(play)).toEqual({
      Progressing: "True NewReplicaSetAvailable",
      Available: "True MinimumReplicasAvailable",
    });
  });

  it("waits while it is paused, is scaled all the same, and goes on", async () => {
    await using play = await stage([...cast, playKubelet()]);
    await play.client.create(deployments, web(2));
    await play.clock.advance(5_000);
    await play.client.patch(deployments, name, { spec: { paused: true } });
    await play.settled();
    expect((await conditionsOf(play)).Progressing).toBe("Unknown DeploymentPaused");
    await play.client.patch(deployments, name, { spec: { replicas: 3, ...template("nginx:2") } });
    await play.clock.advance(5_000);
    expect(await setsOf(play)).toEqual(["nginx:1 3 r1"]);
    await play.client.patch(deployments, name, { spec: { paused: null } });
    await play.clock.advance(10_000);
    expect(await setsOf(play)).toEqual(["nginx:1 0 r1", "nginx:2 3 r2"]);
    expect((await conditionsOf(play)).Progressing).toBe("True NewReplicaSetAvailable");
  });

  it("tells when a rollout is stuck, and recovers", async () => {
    const isHealthy = (pod: {
      readonly spec?: { readonly containers?: readonly { readonly image?: string }[] };
    }): boolean => pod.spec?.containers?.[0]?.image !== "broken";
    await using play = await stage([...cast, playKubelet({ isHealthy })]);
    await play.client.create(deployments, web(3, { progressDeadlineSeconds: 60 }));
    await play.clock.advance(5_000);
    await play.client.patch(deployments, name, image("broken"));
    await play.clock.advance(55_000);
    expect((await conditionsOf(play)).Progressing).toBe("True ReplicaSetUpdated");
    await play.clock.advance(10_000);
    expect((await conditionsOf(play)).Progressing).toBe("False ProgressDeadlineExceeded");
    expect(await setsOf(play)).toEqual(["broken 1 r2", "nginx:1 3 r1"]);
    await play.client.patch(deployments, name, image("nginx:1"));
    await play.clock.advance(10_000);
    expect(await setsOf(play)).toEqual(["broken 0 r2", "nginx:1 3 r3"]);
    expect((await conditionsOf(play)).Progressing).toBe("True NewReplicaSetAvailable");
  });

  it("with Recreate ends all old pods, also those that take their time, before it makes new ones", async () => {
    await using play = await stage([...cast, playKubelet()]);
    await play.client.create(deployments, web(2, { strategy: { type: "Recreate" } }));
    await play.clock.advance(5_000);
    const [slow] = await play.client.list(pods, { namespace });
    const slowName = { namespace, name: slow?.metadata?.name ?? "" };
    await play.client.patch(pods, slowName, { metadata: { finalizers: ["example.com/slow"] } });
    await play.client.patch(deployments, name, image("nginx:2"));
    await play.clock.advance(10_000);
    expect(await setsOf(play)).toEqual(["nginx:1 0 r1"]);
    expect((await get(play)).status).toMatchObject({ terminatingReplicas: 1 });
    await play.client.patch(pods, slowName, { metadata: { finalizers: null } });
    await play.clock.advance(5_000);
    expect(await setsOf(play)).toEqual(["nginx:1 0 r1", "nginx:2 2 r2"]);
  });

  it("takes another name where another's ReplicaSet has the one that it wants", async () => {
    await using play = await stage(cast);
    await play.client.create(deployments, web(1));
    await play.settled();
    const [set] = await play.client.list(replicaSets, { namespace });
    await play.stop();
    const taken = { namespace, name: set?.metadata?.name ?? "" };
    await play.client.delete(replicaSets, taken);
    const other = { metadata: { labels: { app: "other" } }, spec: { containers: containers("other") } };
    await play.client.create(replicaSets, {
      metadata: taken,
      spec: { replicas: 0, selector: { matchLabels: { app: "other" } }, template: other },
    });
    await play.restart();
    expect((await get(play)).status?.collisionCount).toBe(1);
    const sets = await play.client.list(replicaSets, { namespace });
    expect(sets.map(({ spec }) => spec?.template?.spec?.containers[0]?.image).toSorted()).toEqual(["nginx:1", "other"]);
  });

  it("adopts ReplicaSets that match, and releases those that no longer do", async () => {
    await using play = await stage(cast);
    const orphan: ReplicaSet = {
      metadata: { namespace, name: "orphan", labels: { app: "web" } },
      spec: { replicas: 2, selector: { matchLabels: { app: "web" } }, template: web(1).spec?.template ?? {} },
    };
    await play.client.create(replicaSets, orphan);
    await play.settled();
    await play.client.create(deployments, web(2));
    await play.settled();
    expect(await setsOf(play)).toEqual(["nginx:1 2 r1"]);
    expect((await conditionsOf(play)).Progressing).toBe("True ReplicaSetUpdated");
    await play.client.patch(replicaSets, { namespace, name: "orphan" }, { metadata: { labels: { app: "mine" } } });
    await play.settled();
    const released = await play.client.get(replicaSets, { namespace, name: "orphan" });
    expect(released.metadata?.ownerReferences).toBeUndefined();
    expect(await play.client.list(replicaSets, { namespace })).toHaveLength(2);
  });

  it("tells why it cannot make a ReplicaSet, and goes on trying", async () => {
    const told = toldEvents(deploymentController);
    let isRefusing = true;
    const through = refusing(({ method, url }) => isRefusing && method === "POST" && url.endsWith("/replicasets"));
    await using play = await stage([told.controller, replicaSetController], { through });
    await play.client.create(deployments, web(1));
    await play.settled();
    expect((await conditionsOf(play)).Progressing).toBe("False ReplicaSetCreateError");
    expect(told.events[0]).toMatch(/^Warning ReplicaSetCreateError Failed to create new replica set "web-\w+": no$/);
    isRefusing = false;
    await play.clock.advance(60_000);
    expect(await setsOf(play)).toEqual(["nginx:1 1 r1"]);
    expect((await conditionsOf(play)).Progressing).toMatch(/^True/);
  });

  it("leaves everything as it is on its way out", async () => {
    await using play = await stage(cast);
    await play.client.create(deployments, { ...web(1), metadata: { ...name, finalizers: ["example.com/wait"] } });
    await play.settled();
    await play.client.delete(deployments, name);
    await play.client.patch(deployments, name, image("nginx:2"));
    await play.settled();
    expect(await setsOf(play)).toEqual(["nginx:1 1 r1"]);
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

describe("a crash", () => {
  it("between any two writes of a rollout is made good after a restart", async () => {
    let left = Infinity;
    const through = refusing(({ method }) => {
      if (method !== "GET") left -= 1;
      return left < 0;
    });
    await using play = await stage([...cast, playKubelet()], { through });
    await play.client.create(deployments, web(2));
    await play.clock.advance(10_000);
    for (let writes = 0; writes < 10; writes += 1) {
      left = writes;
      await play.client.patch(deployments, name, {
        spec: { replicas: 2 + (writes % 3), ...template(`nginx:${writes + 2}`) },
      });
      await play.clock.advance(4_000);
      await play.stop();
      left = Infinity;
      await play.restart();
      await play.clock.advance(15_000);
      const { status } = await get(play);
      expect(status, String(writes)).toMatchObject({
        replicas: 2 + (writes % 3),
        updatedReplicas: 2 + (writes % 3),
        availableReplicas: 2 + (writes % 3),
      });
      expect((await setsOf(play)).filter((set) => !set.includes(" 0 r"))).toEqual([
        `nginx:${writes + 2} ${2 + (writes % 3)} r${writes + 2}`,
      ]);
    }
  }, 30_000);

  it("of which a write's answer was lost is made good, too", async () => {
    const failing = failingAt("unanswered");
    await using play = await stage([...cast, playKubelet()], failing);
    await play.client.create(deployments, web(2));
    await play.clock.advance(10_000);
    for (let at = 0; at < 12; at += 1) {
      failing.arm(namespace, at);
      await play.client.patch(deployments, name, image(`nginx:${at + 2}`));
      await play.clock.advance(30_000);
      expect((await get(play)).status, String(at)).toMatchObject({
        replicas: 2,
        updatedReplicas: 2,
        availableReplicas: 2,
      });
    }
    expect(failing.failures).toBe(12);
    expect(await play.client.list(pods, { namespace })).toHaveLength(2);
    expect((await setsOf(play)).at(-1)).toBe("nginx:9 0 r9");
  }, 30_000);
});
