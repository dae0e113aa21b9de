import { describe, expect, it } from "vitest";
import { cronJobs, deployments, jobs, nodes, pods, statefulSets } from "../client/resource-types.ts";
import { createCluster, type TestCluster } from "./testing.ts";
import { nameOf, startWorld, template } from "./world.testing.ts";

const web = { namespace: "default", name: "web" };
const spec = {
  replicas: 3,
  selector: { matchLabels: { app: "web" } },
  template: template({ app: "web" }, { annotations: { "start-delay": "2s", "stop-delay": "1s" } }),
};

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const settledAfter: Record<string, (cluster: TestCluster) => Promise<unknown>> = {
  "a Deployment": ({ client }) => client.create(deployments, { metadata: web, spec }),
  "a new image": ({ client }) =>
    client.patch(deployments, web, {
      spec: { template: { spec: { containers: [{ name: "main", image: "nginx:2" }] } } },
    }),
  "a StatefulSet": ({ client }) =>
    client.create(statefulSets, { metadata: web, spec: { ...spec, serviceName: "web" } }),
  "a Job": ({ client }) =>
    client.create(jobs, { metadata: web, spec: { template: template({}, { spec: { restartPolicy: "Never" } }) } }),
  "the end of a Deployment": ({ client }) => client.delete(deployments, web),
  "the end of all pods": async ({ client }) => {
    const all = await client.list(pods, { namespace: "default" });
    await Promise.all(all.map((pod) => client.delete(pods, { namespace: "default", name: nameOf(pod) })));
  },
  "the end of a node": ({ client }) => client.delete(nodes, { name: "node-1" }),
};

it("once settled, nothing changes but by time", async () => {
  await using world = await startWorld({ nodes: 2 });
  for (const [after, act] of Object.entries(settledAfter)) {
    await act(world);
    await world.settled();
    const [revision, asked] = [await world.revision(), world.asked.length];
    await turns(100);
    expect(await world.revision(), after).toBe(revision);
    expect(world.asked.length, after).toBe(asked);
    await world.advance(1500);
  }
});

it("is settled at once when a Deployment's pods start at once", async () => {
  await using cluster = await createCluster({ clock: "simulated", nodes: 1 });
  const at = cluster.now();
  await cluster.client.create(deployments, { metadata: web, spec: { ...spec, template: template({ app: "web" }) } });
  await cluster.settled();
  await cluster.advance("1s");
  expect((await cluster.client.get(deployments, web)).status).toMatchObject({ availableReplicas: 3 });
  expect(cluster.now() - at).toBe(1000);
});

it("lets a week pass", async () => {
  await using cluster = await createCluster({ clock: "simulated", nodes: 0 });
  await cluster.client.create(cronJobs, {
    metadata: web,
    spec: {
      schedule: "0 6 * * 1",
      timeZone: "Europe/Berlin",
      jobTemplate: { spec: { template: template({}, { spec: { restartPolicy: "Never" } }) } },
    },
  });
  const at = cluster.now();
  await cluster.advance("168h");
  expect(cluster.now() - at).toBe(168 * 3_600_000);
  const { status } = await cluster.client.get(cronJobs, web);
  // The first Monday of 2026.
  expect(status?.lastScheduleTime).toBe("2026-01-05T05:00:00Z");
});

it("a CronJob of a virtual day runs each hour", async () => {
  await using cluster = await createCluster({ clock: "simulated", nodes: 1 });
  await cluster.client.create(cronJobs, {
    metadata: web,
    spec: {
      schedule: "@hourly",
      successfulJobsHistoryLimit: 30,
      jobTemplate: { spec: { template: template({}, { spec: { restartPolicy: "Never" } }) } },
    },
  });
  await cluster.advance("24h");
  await cluster.advance("1m");
  const all = await cluster.client.list(jobs);
  expect(all).toHaveLength(24);
  expect(all.every(({ status }) => status?.succeeded === 1)).toBe(true);
});

it("two clusters in one process have nothing to do with each other", async () => {
  await using one = await createCluster({ clock: "simulated", nodes: 1 });
  await using other = await createCluster({ clock: "simulated", nodes: 2 });
  const begun = other.now();
  await one.client.create(deployments, { metadata: web, spec });
  await one.advance("1h");
  expect(other.now()).toBe(begun);
  expect(await other.client.list(deployments)).toEqual([]);
  expect(await other.client.list(nodes)).toHaveLength(2);
  await other.client.create(deployments, { metadata: web, spec: { ...spec, replicas: 1 } });
  await Promise.all([one.advance("10m"), other.advance("5m")]);
  expect(await one.client.list(pods)).toHaveLength(3);
  expect(await other.client.list(pods)).toHaveLength(1);
  await one[Symbol.asyncDispose]();
  await other.client.delete(deployments, web);
  await other.advance("1m");
  expect(await other.client.list(pods)).toEqual([]);
});

describe("ending a cluster", () => {
  const open = (): string[] => process.getActiveResourcesInfo().filter((one) => /^(?:TCP|Timeout|FSReq)/.test(one));

  it.each([0, 1, 3, 10, 30, 100])("in the midst of things, after %i turns, ends all of it", async (count) => {
    const before = open();
    const unhandled: unknown[] = [];
    const note = (thrown: unknown): void => void unhandled.push(thrown);
    process.on("unhandledRejection", note);
    const cluster = await createCluster({ clock: "simulated", nodes: 2 });
    await cluster.client.create(deployments, { metadata: web, spec });
    await cluster.client.create(jobs, {
      metadata: web,
      spec: { template: template({}, { spec: { restartPolicy: "Never" } }) },
    });
    const advancing = cluster.advance("1h");
    await turns(count);
    await cluster[Symbol.asyncDispose]();
    await advancing;
    await cluster.settled();
    await turns(20);
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
    expect(open().length).toBeLessThanOrEqual(before.length);
  });

  it("twice does no harm", async () => {
    const cluster = await createCluster({ clock: "simulated", nodes: 1 });
    await cluster[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  });
});
