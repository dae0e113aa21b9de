import { expect, it } from "vitest";
import type { Node } from "../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../api/machinery/object.ts";
import { deployments, events, nodes } from "../client/resource-types.ts";
import { usualHeartbeats } from "./heartbeats.ts";
import { nameOf, startWorld, template, type World } from "./world.testing.ts";

const minute = 60_000;

const readiness = ({ status }: DeepReadonly<Node>): string =>
  status?.conditions?.find(({ type }) => type === "Ready")?.status ?? "";

const taints = ({ spec }: DeepReadonly<Node>): string[] =>
  (spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`).toSorted();

const node = (world: World, name: string): Promise<DeepReadonly<Node>> => world.client.get(nodes, { name });

async function runThree(world: World, namespace: string): Promise<void> {
  await world.namespace(namespace);
  await world.client.create(deployments, {
    metadata: { namespace, name: "web" },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: "web" } },
      template: template({ app: "web" }),
    },
  });
  await world.until(async () => (await world.readyPods(namespace)).length === 3, minute);
}

it("moves pods off a node that is gone, and takes the node back", async () => {
  await using world = await startWorld({ nodes: 3, heartbeats: usualHeartbeats });
  world.allow(/a watch failed|could not be renewed|could not be written|a reconcile failed .*lost a request/);
  await runThree(world, "shop");
  const before = await world.readyPods("shop");
  // Spread by default: one on each.
  expect(new Set(before.map(({ spec }) => spec?.nodeName)).size).toBe(3);
  const lostAt = world.now();
  world.cut("node-1");
  await world.until(async () => readiness(await node(world, "node-1")) === "Unknown", 2 * minute);
  const unknownAfter = (world.now() - lostAt) / 1000;
  expect(unknownAfter).toBeGreaterThanOrEqual(40);
  expect(unknownAfter).toBeLessThanOrEqual(65);
  await world.settled();
  expect(taints(await node(world, "node-1"))).toEqual([
    "node.kubernetes.io/unreachable:NoExecute",
    "node.kubernetes.io/unreachable:NoSchedule",
  ]);
  // Not ready at once, but there for as long as pods tolerate it.
  expect(await world.readyPods("shop")).toHaveLength(2);
  expect(await world.pods("shop")).toHaveLength(3);
  const evictedAt = world.now();
  await world.until(async () => (await world.readyPods("shop")).length === 3, 6 * minute);
  expect((world.now() - evictedAt) / 1000).toBeGreaterThanOrEqual(300);
  const onNode1 = (await world.pods("shop")).filter(({ spec }) => spec?.nodeName === "node-1");
  // Nobody but its kubelet may say that it has ended.
  expect(onNode1).toHaveLength(1);
  expect(onNode1[0]?.metadata?.deletionTimestamp).toBeDefined();
  const told = await world.client.list(events, { namespace: "shop" });
  expect(told.map(({ reason }) => reason)).toContain("TaintManagerEviction");
  await world.advance("10m");
  expect(await world.pods("shop")).toHaveLength(4);

  world.rejoin("node-1");
  await world.until(async () => readiness(await node(world, "node-1")) === "True", 2 * minute);
  await world.advance("2m");
  expect(taints(await node(world, "node-1"))).toEqual([]);
  expect(await world.pods("shop")).toHaveLength(3);
  expect(await world.readyPods("shop")).toHaveLength(3);
});

it("collects the pods of a node that is deleted", async () => {
  await using world = await startWorld({ nodes: 2, heartbeats: usualHeartbeats });
  world.allow(/a watch failed|could not be renewed|could not be written|a reconcile failed .*lost a request/);
  await runThree(world, "shop");
  world.cut("node-1");
  await world.client.delete(nodes, { name: "node-1" });
  await world.until(
    async () => (await world.readyPods("shop")).every(({ spec }) => spec?.nodeName === "node-0"),
    5 * minute,
  );
  await world.until(async () => (await world.pods("shop")).length === 3, 5 * minute);
  expect((await world.readyPods("shop")).map(({ spec }) => spec?.nodeName)).toEqual(["node-0", "node-0", "node-0"]);
});

it("finds pods again on a node that was switched off and on", async () => {
  await using world = await startWorld({ nodes: 0, heartbeats: usualHeartbeats });
  const off = await world.startNodes({ count: 1 });
  await runThree(world, "shop");
  const before = (await world.pods("shop")).map(nameOf);
  await off[Symbol.asyncDispose]();
  await world.advance("2m");
  expect(readiness(await node(world, "node-0"))).toBe("Unknown");
  expect(await world.readyPods("shop")).toHaveLength(0);
  await world.startNodes({ count: 1 });
  await world.until(async () => (await world.readyPods("shop")).length === 3, minute);
  expect((await world.pods("shop")).map(nameOf)).toEqual(before);
  await world.advance("10m");
  expect((await world.readyPods("shop")).map(nameOf)).toEqual(before);
});
