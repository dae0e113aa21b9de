import { expect, it } from "vitest";
import type { DeploymentSpec } from "../api/generated/types/apps-v1.ts";
import {
  cronJobs,
  daemonSets,
  deployments,
  jobs,
  namespaces,
  pods,
  replicaSets,
  services,
  statefulSets,
} from "../client/resource-types.ts";
import { type Loss, nameOf, startWorld, template, type World } from "./world.testing.ts";

const minute = 60_000;

/** Mulberry32: the same seed, the same misfortunes. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Of ten requests one never arrives, and of one the answer is lost. */
function unlucky(seed: number): () => Loss {
  const next = chance(seed);
  return () => {
    const roll = next();
    if (roll < 0.1) return "unsent";
    return roll < 0.2 ? "unanswered" : undefined;
  };
}

const spec = (replicas: number, image = "nginx:1"): DeploymentSpec => ({
  replicas,
  selector: { matchLabels: { app: "web" } },
  template: template(
    { app: "web" },
    { container: { image }, annotations: { "start-delay": "1s", "stop-delay": "1s" } },
  ),
});

const web = { namespace: "default", name: "web" };

async function makeAll({ client }: World): Promise<void> {
  const { template: labelled, selector } = spec(1);
  await client.create(deployments, { metadata: web, spec: spec(4) });
  await client.create(statefulSets, { metadata: { ...web, name: "db" }, spec: { ...spec(2), serviceName: "db" } });
  await client.create(daemonSets, { metadata: { ...web, name: "each" }, spec: { selector, template: labelled } });
  await client.create(services, { metadata: web, spec: { selector: { app: "web" }, ports: [{ port: 80 }] } });
  const once = template({}, { spec: { restartPolicy: "Never" } });
  await client.create(jobs, { metadata: web, spec: { completions: 5, parallelism: 2, template: once } });
  await client.create(cronJobs, {
    metadata: web,
    spec: { schedule: "*/20 * * * *", jobTemplate: { spec: { template: once } } },
  });
  await client.create(namespaces, { metadata: { name: "gone" } });
  await client.create(deployments, { metadata: { ...web, namespace: "gone" }, spec: spec(2) });
}

async function expectAll(world: World, image: string): Promise<void> {
  const { client } = world;
  const { status: deployed } = await client.get(deployments, web);
  expect(deployed).toMatchObject({ replicas: 4, updatedReplicas: 4, availableReplicas: 4 });
  const of = async (kind: string): Promise<string[]> =>
    (await world.readyPods("default"))
      .filter(({ metadata }) => metadata?.ownerReferences?.[0]?.kind === kind)
      .map(({ spec: pod }) => pod?.containers[0]?.image ?? "");
  expect(await of("ReplicaSet")).toEqual([image, image, image, image]);
  expect(await of("StatefulSet")).toHaveLength(2);
  expect(await of("DaemonSet")).toHaveLength(2);
  // Not one more than there was to do.
  expect((await client.get(jobs, web)).status).toMatchObject({ succeeded: 5 });
  const worked = (await world.pods("default")).filter(({ metadata }) => metadata?.ownerReferences?.[0]?.name === "web");
  expect(worked).toHaveLength(5);
  const ticks = (await client.list(jobs, { namespace: "default" })).filter((job) => nameOf(job).startsWith("web-"));
  expect(ticks.map(({ status }) => status?.succeeded)).toEqual(ticks.map(() => 1));
  expect(await client.list(replicaSets, { namespace: "gone" })).toEqual([]);
  expect((await client.list(namespaces)).map(nameOf)).not.toContain("gone");
  expect(await world.pods("gone")).toEqual([]);
}

it.each([1, 2])("whatever requests are lost, all comes out right in the end (seed %i)", async (seed) => {
  await using world = await startWorld({ nodes: 2 });
  world.allow(/the test lost/);
  // Before a namespace has its account there are no pods, and the account may take a while.
  world.allow(/error looking up service account gone\/default/);
  // A node's last word on an ended pod may be lost, which keeps its namespace until the node says it again.
  world.allow(/unexpected items still remain in namespace: gone for gvr: \/v1, Resource=pods/);
  world.lose(unlucky(seed));
  await makeAll(world);
  await world.advance("30s");
  await world.client.patch(deployments, web, { spec: spec(4, "nginx:2") });
  await world.client.delete(namespaces, { name: "gone" });
  await world.advance("5m");
  for (const { metadata } of (await world.pods("default")).slice(0, 2))
    await world.client.delete(pods, { namespace: "default", name: metadata?.name ?? "" });
  await world.advance("5m");
  world.lose(undefined);
  // As long as the longest back-off that may have come of it.
  await world.advance("40m");
  await expectAll(world, "nginx:2");
  await world.client.patch(cronJobs, web, { spec: { suspend: true } });
  await world.expectQuiet();
});

it("watches that break at any moment are taken up where they ended", async () => {
  await using world = await startWorld({ nodes: 2 });
  // Who has not heard yet that a namespace is gone writes events into it.
  world.allow(/server rejected event .*namespaces "gone" not found/);
  await makeAll(world);
  const broken = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1) {
      world.breakWatches();
      await world.advance(700);
    }
  };
  await broken(10);
  await world.client.patch(deployments, web, { spec: spec(4, "nginx:2") });
  await world.client.delete(namespaces, { name: "gone" });
  await broken(10);
  await world.advance(5 * minute);
  await expectAll(world, "nginx:2");
});
