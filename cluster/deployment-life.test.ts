import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isPodActive, isPodReady } from "../api/core/pod-state.ts";
import type { Deployment, DeploymentSpec } from "../api/generated/types/apps-v1.ts";
import type { Pod } from "../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../api/machinery/object.ts";
import type { Informer } from "../client/informer.ts";
import { deployments, pods, replicaSets } from "../client/resource-types.ts";
import { nameOf, startWorld, template, type World } from "./world.testing.ts";

const minute = 60_000;
/** Slow enough that every step of a rollout can be seen. */
const slow = { "start-delay": "1s-3s", "ready-delay": "2s-6s", "stop-delay": "1s-4s" };

let world: World;
let seen: Informer<Pod>;

beforeAll(async () => {
  world = await startWorld({ nodes: 3 });
  seen = await world.follow(pods);
});

afterAll(() => world[Symbol.asyncDispose]());

const web = (namespace: string): { namespace: string; name: string } => ({ namespace, name: "web" });

async function deploy(namespace: string, spec: Partial<DeploymentSpec>): Promise<void> {
  await world.namespace(namespace);
  await world.client.create(deployments, {
    metadata: { ...web(namespace) },
    spec: { selector: { matchLabels: { app: "web" } }, template: template({ app: "web" }), ...spec },
  });
  await whenComplete(namespace);
}

async function isComplete(namespace: string): Promise<boolean> {
  const { metadata, spec, status } = await world.client.get(deployments, web(namespace));
  const wanted = spec?.replicas;
  const counts = [status?.replicas, status?.updatedReplicas, status?.availableReplicas];
  return status?.observedGeneration === metadata?.generation && counts.every((count) => (count ?? 0) === wanted);
}

const whenComplete = (namespace: string): Promise<void> => world.until(() => isComplete(namespace), 10 * minute);

const setImage = (namespace: string, image: string): Promise<DeepReadonly<Deployment>> =>
  world.client.patch(
    deployments,
    web(namespace),
    { spec: { template: { spec: { containers: [{ name: "main", image }] } } } },
    { type: "strategic" },
  );

const images = async (namespace: string): Promise<string[]> =>
  (await world.readyPods(namespace)).map(({ spec }) => spec?.containers[0]?.image ?? "");

/** The fewest that were ready and the most that there were, at any moment from now on. */
function extremes(namespace: string): { fewestReady: number; most: number; end(): void } {
  const found = { fewestReady: Infinity, most: 0, end: () => end() };
  const look = (): void => {
    const active = [...seen.list(namespace)].filter(isPodActive);
    found.fewestReady = Math.min(found.fewestReady, active.filter(isPodReady).length);
    found.most = Math.max(found.most, active.length);
  };
  look();
  const end = seen.on({ updated: look, deleted: look, added: look });
  return found;
}

describe("a rollout", () => {
  it.each([
    { maxSurge: 1, maxUnavailable: 0, replicas: 4 },
    { maxSurge: 0, maxUnavailable: 1, replicas: 4 },
    { maxSurge: "50%", maxUnavailable: "25%", replicas: 6 },
    { maxSurge: "100%", maxUnavailable: "100%", replicas: 3 },
  ])("of $replicas holds maxSurge $maxSurge and maxUnavailable $maxUnavailable at every moment", async (bounds) => {
    const { replicas, ...rollingUpdate } = bounds;
    const namespace = `bounds-${replicas}-${rollingUpdate.maxSurge}-${rollingUpdate.maxUnavailable}`.replaceAll(
      "%",
      "",
    );
    const pace = template({ app: "web" }, { annotations: slow });
    await deploy(namespace, { replicas, strategy: { type: "RollingUpdate", rollingUpdate }, template: pace });
    const found = extremes(namespace);
    await setImage(namespace, "nginx:2");
    await whenComplete(namespace);
    found.end();
    const share = (bound: number | string, round: (n: number) => number): number =>
      typeof bound === "number" ? bound : round((replicas * Number.parseInt(bound, 10)) / 100);
    expect(found.most).toBeLessThanOrEqual(replicas + share(rollingUpdate.maxSurge, Math.ceil));
    expect(found.fewestReady).toBeGreaterThanOrEqual(replicas - share(rollingUpdate.maxUnavailable, Math.floor));
    expect(await images(namespace)).toEqual(Array.from({ length: replicas }, () => "nginx:2"));
  });

  it("by Recreate never has pods of both kinds", async () => {
    const pace = template({ app: "web" }, { annotations: slow });
    await deploy("recreate", { replicas: 3, strategy: { type: "Recreate" }, template: pace });
    let both = 0;
    const end = seen.on({
      updated() {
        const alive = [...seen.list("recreate")].filter(({ status }) => status?.phase === "Running");
        if (new Set(alive.map(({ spec }) => spec?.containers[0]?.image)).size > 1) both += 1;
      },
    });
    await setImage("recreate", "nginx:2");
    await whenComplete("recreate");
    end();
    expect(both).toBe(0);
    expect(await images("recreate")).toEqual(["nginx:2", "nginx:2", "nginx:2"]);
  });

  it("to an image that cannot be had hangs, says so, and is undone", async () => {
    await deploy("broken", { replicas: 4, progressDeadlineSeconds: 60 });
    const found = extremes("broken");
    await setImage("broken", "nginx:broken");
    await world.advance("5m");
    const { status } = await world.client.get(deployments, web("broken"));
    expect(status?.conditions?.find(({ type }) => type === "Progressing")).toMatchObject({
      status: "False",
      reason: "ProgressDeadlineExceeded",
    });
    // 25 % of four: one may be missing, one may be more.
    expect(found).toMatchObject({ fewestReady: 3, most: 5 });
    const waiting = (await world.pods("broken")).map(
      (pod) => pod.status?.containerStatuses?.[0]?.state?.waiting?.reason,
    );
    expect(waiting.filter((reason) => reason !== undefined)).toEqual(["ImagePullBackOff", "ImagePullBackOff"]);
    await setImage("broken", "nginx:1");
    await whenComplete("broken");
    found.end();
    expect(found.fewestReady).toBe(3);
    const sets = await world.client.list(replicaSets, { namespace: "broken" });
    const revisions = sets.map(({ metadata }) => metadata?.annotations?.["deployment.kubernetes.io/revision"]);
    expect(revisions.toSorted()).toEqual(["2", "3"]);
  });

  it("that is changed on its way goes to the last of the images", async () => {
    const pace = template({ app: "web" }, { annotations: slow });
    await deploy("hurry", { replicas: 4, template: pace });
    const found = extremes("hurry");
    for (const image of ["nginx:2", "nginx:3", "nginx:4"]) {
      await setImage("hurry", image);
      await world.advance("3s");
    }
    await world.client.patch(deployments, web("hurry"), { spec: { replicas: 6 } });
    await whenComplete("hurry");
    found.end();
    expect(found.fewestReady).toBeGreaterThanOrEqual(3);
    expect(found.most).toBeLessThanOrEqual(8);
    expect(await images("hurry")).toEqual(Array.from({ length: 6 }, () => "nginx:4"));
  });
});

it("replaces pods that are deleted, at once and in numbers", async () => {
  await deploy("healed", { replicas: 5 });
  const before = (await world.pods("healed")).map(nameOf);
  for (const name of before.slice(0, 3)) await world.client.delete(pods, { namespace: "healed", name });
  await whenComplete("healed");
  await world.until(async () => (await world.readyPods("healed")).length === 5, minute);
  const after = (await world.readyPods("healed")).map(nameOf);
  expect(after.filter((name) => before.includes(name))).toHaveLength(2);
});

it("restarts containers that end, ever later", async () => {
  const crashing = template({ app: "web" }, { annotations: { "exit-after": "1s", "exit-code": "1" } });
  await world.namespace("crashing");
  await world.client.create(deployments, {
    metadata: { namespace: "crashing", name: "web" },
    spec: { replicas: 1, selector: { matchLabels: { app: "web" } }, template: crashing },
  });
  await world.advance("10m");
  const [pod] = await world.pods("crashing");
  const container = pod?.status?.containerStatuses?.[0];
  expect(container?.state?.waiting?.reason).toBe("CrashLoopBackOff");
  // After 10, 20, 40, 80, 160 and 300 s.
  expect(container?.restartCount).toBe(6);
  expect(await world.pods("crashing")).toHaveLength(1);
});
