import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JobSpec, JobStatus } from "../api/generated/types/batch-v1.ts";
import type { Pod, PodTemplateSpec } from "../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../api/machinery/object.ts";
import { timeMillis } from "../api/machinery/time.ts";
import type { Informer } from "../client/informer.ts";
import { cronJobs, daemonSets, jobs, nodes, pods, statefulSets } from "../client/resource-types.ts";
import { nameOf, startWorld, template, type World } from "./world.testing.ts";

const minute = 60_000;
const hour = 60 * minute;

let world: World;
let seen: Informer<Pod>;

beforeAll(async () => {
  world = await startWorld({ nodes: 2 });
  seen = await world.follow(pods);
});

afterAll(() => world[Symbol.asyncDispose]());

/** Its pods end after a second, unless annotations say otherwise. */
function once(annotations: Readonly<Record<string, string>> = {}): PodTemplateSpec {
  return template({ app: "work" }, { annotations, spec: { restartPolicy: "Never" } });
}

describe("a Job", () => {
  const run = async (namespace: string, spec: JobSpec): Promise<void> => {
    await world.namespace(namespace);
    await world.client.create(jobs, { metadata: { namespace, name: "work" }, spec });
  };
  const statusOf = async (namespace: string): Promise<DeepReadonly<JobStatus>> =>
    (await world.client.get(jobs, { namespace, name: "work" })).status ?? {};
  const ended = (namespace: string, type: string): Promise<void> =>
    world.until(
      async () =>
        ((await statusOf(namespace)).conditions ?? []).some((one) => one.type === type && one.status === "True"),
      2 * hour,
    );

  it("runs its pods to completion, so many at once", async () => {
    let most = 0;
    const end = seen.on({
      updated() {
        const running = [...seen.list("parallel")].filter(
          ({ status }) => !/Succeeded|Failed/.test(status?.phase ?? ""),
        );
        most = Math.max(most, running.length);
      },
    });
    await run("parallel", { completions: 7, parallelism: 3, template: once({ "exit-after": "5s-15s" }) });
    await ended("parallel", "Complete");
    end();
    expect(await statusOf("parallel")).toMatchObject({ succeeded: 7, ready: 0, terminating: 0 });
    expect(most).toBe(3);
    expect(await world.pods("parallel")).toHaveLength(7);
  });

  it("gives each index its pod", async () => {
    await run("indexed", { completions: 4, parallelism: 2, completionMode: "Indexed", template: once() });
    await ended("indexed", "Complete");
    expect((await statusOf("indexed")).completedIndexes).toBe("0-3");
  });

  it("tries again ever later, and fails after its limit", async () => {
    const from = world.now();
    await run("failing", { backoffLimit: 3, template: once({ "exit-after": "1s", "exit-code": "3" }) });
    await ended("failing", "Failed");
    const status = await statusOf("failing");
    expect(status).toMatchObject({ failed: 4 });
    expect(status.conditions?.find(({ type }) => type === "Failed")).toMatchObject({
      reason: "BackoffLimitExceeded",
      message: "Job has reached the specified backoff limit",
    });
    const times = (await world.pods("failing")).map(({ metadata }) => timeMillis(metadata?.creationTimestamp) ?? 0);
    const sorted = times.toSorted((a, b) => a - b);
    const gaps = sorted.slice(1).map((time, index) => (time - (sorted[index] ?? 0)) / 1000);
    // 10, 20 and 40 s after each has ended.
    expect(gaps.map((gap) => [10, 20, 40].find((wait) => Math.abs(gap - wait) <= 3))).toEqual([10, 20, 40]);
    expect(world.now() - from).toBeLessThan(3 * minute);
  });

  it("is gone with its pods when its time to live is over", async () => {
    await run("fleeting", { ttlSecondsAfterFinished: 30, template: once() });
    await ended("fleeting", "Complete");
    await world.advance("25s");
    expect(await world.pods("fleeting")).toHaveLength(1);
    await world.advance("15s");
    expect(await world.client.list(jobs, { namespace: "fleeting" })).toEqual([]);
    expect(await world.pods("fleeting")).toEqual([]);
  });

  it("that takes too long ends its pods", async () => {
    await run("late", { activeDeadlineSeconds: 30, template: once({ "exit-after": "10m" }) });
    await ended("late", "Failed");
    expect((await statusOf("late")).conditions?.find(({ type }) => type === "Failed")).toMatchObject({
      reason: "DeadlineExceeded",
    });
    await world.advance("1m");
    expect((await world.pods("late")).filter(({ status }) => status?.phase === "Running")).toEqual([]);
  });
});

it("a CronJob runs at its times and keeps what it is to keep", async () => {
  await world.namespace("cron");
  await world.client.create(cronJobs, {
    metadata: { namespace: "cron", name: "tick" },
    spec: {
      schedule: "*/10 * * * *",
      successfulJobsHistoryLimit: 2,
      jobTemplate: { spec: { template: once() } },
    },
  });
  const starts: number[] = [];
  const made = (await world.follow(jobs)).on({
    added({ metadata }) {
      if (metadata?.namespace === "cron") starts.push(timeMillis(metadata.creationTimestamp) ?? 0);
    },
  });
  await world.advance("1h");
  made();
  expect(starts).toHaveLength(6);
  expect(starts.every((time) => time % (10 * minute) === 0)).toBe(true);
  expect(await world.client.list(jobs, { namespace: "cron" })).toHaveLength(2);
  expect(await world.pods("cron")).toHaveLength(2);
  expect((await world.client.get(cronJobs, { namespace: "cron", name: "tick" })).status?.active).toBeUndefined();
  await world.client.delete(cronJobs, { namespace: "cron", name: "tick" });
  await world.settled();
  expect(await world.pods("cron")).toEqual([]);
});

it("a StatefulSet starts its pods one after the other, each when the one before is ready, and stops them backwards", async () => {
  await world.namespace("ordered");
  const order: string[] = [];
  const end = seen.on({
    added({ metadata }) {
      if (metadata?.namespace !== "ordered") return;
      const unready = [...seen.list("ordered")].filter(
        ({ status }) => status?.conditions?.find(({ type }) => type === "Ready")?.status !== "True",
      );
      order.push(`${metadata.name} ${unready.length}`);
    },
    deleted({ metadata }) {
      if (metadata?.namespace === "ordered") order.push(`-${metadata.name}`);
    },
  });
  await world.client.create(statefulSets, {
    metadata: { namespace: "ordered", name: "db" },
    spec: {
      replicas: 3,
      serviceName: "db",
      selector: { matchLabels: { app: "db" } },
      template: template({ app: "db" }, { annotations: { "ready-delay": "20s", "stop-delay": "2s" } }),
    },
  });
  await world.until(async () => (await world.readyPods("ordered")).length === 3, 5 * minute);
  expect(order).toEqual(["db-0 1", "db-1 1", "db-2 1"]);
  await world.client.patch(statefulSets, { namespace: "ordered", name: "db" }, { spec: { replicas: 0 } });
  await world.until(async () => (await world.pods("ordered")).length === 0, 5 * minute);
  end();
  expect(order.slice(3)).toEqual(["-db-2", "-db-1", "-db-0"]);
});

it("a DaemonSet has a pod on each node, of nodes that come and go", async () => {
  await world.namespace("daemons");
  await world.client.create(daemonSets, {
    metadata: { namespace: "daemons", name: "agent" },
    spec: { selector: { matchLabels: { app: "agent" } }, template: template({ app: "agent" }) },
  });
  const where = async (): Promise<string[]> =>
    (await world.readyPods("daemons")).map(({ spec }) => spec?.nodeName ?? "").toSorted();
  await world.settled();
  expect(await where()).toEqual(["node-0", "node-1"]);
  const more = await world.startNodes({ count: 2, nameOf: (index) => `more-${index}` });
  await world.advance("10s");
  expect(await where()).toEqual(["more-0", "more-1", "node-0", "node-1"]);
  // One is cordoned, which a DaemonSet does not mind; all are taken away.
  await world.client.patch(nodes, { name: "more-0" }, { spec: { unschedulable: true } });
  await world.advance("10s");
  expect(await where()).toHaveLength(4);
  await more[Symbol.asyncDispose]();
  for (const name of ["more-0", "more-1"]) await world.client.delete(nodes, { name });
  // Twice as often as nobody looks for lost pods.
  await world.advance("62m");
  expect(await where()).toEqual(["node-0", "node-1"]);
  expect((await world.pods("daemons")).map(nameOf)).toHaveLength(2);
  const { status } = await world.client.get(daemonSets, { namespace: "daemons", name: "agent" });
  expect(status).toMatchObject({ desiredNumberScheduled: 2, numberReady: 2 });
});
