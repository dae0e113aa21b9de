import { afterAll, beforeAll, expect, it } from "vitest";
import { configMaps, deployments, jobs, pods, secrets } from "../client/resource-types.ts";
import { startWorld, template, type World } from "./world.testing.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({ nodes: 2 });
});
afterAll(() => world[Symbol.asyncDispose]());

it("lets nodes do their work: nothing that they ask for is refused", async () => {
  await world.namespace("work");
  const inWork = (name: string): { readonly namespace: string; readonly name: string } => ({ namespace: "work", name });
  await world.client.create(secrets, { metadata: inWork("keys") });
  await world.client.create(configMaps, { metadata: inWork("settings") });
  await world.client.create(deployments, {
    metadata: inWork("web"),
    spec: { replicas: 4, selector: { matchLabels: { app: "web" } }, template: template({ app: "web" }) },
  });
  await world.client.create(jobs, {
    metadata: inWork("once"),
    spec: { template: template({ app: "once" }, { spec: { restartPolicy: "Never" } }) },
  });
  await world.advance("2m");
  expect(await world.pods("work")).toHaveLength(5);
  const [first] = await world.pods("work");
  await world.client.delete(pods, inWork(first?.metadata?.name ?? ""), {});
  world.allow(/the test lost a request/);
  world.cut("node-1");
  await world.advance("1m");
  world.rejoin("node-1");
  await world.client.delete(deployments, inWork("web"), { propagationPolicy: "Background" });
  await world.advance("10m");
  const byNodes = world.asked.filter(({ user }) => user.startsWith("system:node:"));
  expect(byNodes.length).toBeGreaterThan(20);
  expect(byNodes.filter(({ status }) => status === 401 || status === 403)).toEqual([]);
});
