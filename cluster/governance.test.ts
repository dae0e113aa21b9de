import { afterAll, beforeAll, expect, it } from "vitest";
import type { CustomResourceDefinition } from "../api/generated/types/apiextensions-v1.ts";
import type { Pod } from "../api/generated/types/core-v1.ts";
import type { Eviction } from "../api/generated/types/policy-v1.ts";
import type { DeepReadonly, KubeObject } from "../api/machinery/object.ts";
import { ApiError } from "../api/machinery/status.ts";
import {
  configMaps,
  customResourceDefinitions,
  deployments,
  horizontalPodAutoscalers,
  jobs,
  namespaces,
  nodes,
  podDisruptionBudgets,
  pods,
  replicaSets,
  resourceQuotas,
  resourceType,
  secrets,
  serviceAccounts,
  services,
  statefulSets,
  type ResourceType,
} from "../client/resource-types.ts";
import { nameOf, startWorld, template, type World } from "./world.testing.ts";

const minute = 60_000;
const evictions: ResourceType<Eviction> = resourceType("v1", "pods", "Eviction", "Namespaced");

let world: World;

beforeAll(async () => {
  world = await startWorld({ nodes: 3 });
});

afterAll(() => world[Symbol.asyncDispose]());

async function deploy(namespace: string, replicas: number, more: Parameters<typeof template>[1] = {}): Promise<void> {
  await world.client.create(deployments, {
    metadata: { namespace, name: "web" },
    spec: { replicas, selector: { matchLabels: { app: "web" } }, template: template({ app: "web" }, more) },
  });
  await world.until(async () => (await world.readyPods(namespace)).length === replicas, 5 * minute);
}

async function replicas(namespace: string): Promise<number | undefined> {
  return (await world.client.get(deployments, { namespace, name: "web" })).spec?.replicas;
}

async function use({ metadata }: DeepReadonly<Pod>, cpu: string): Promise<void> {
  const name = "simulated.wherry.dev/cpu";
  if (metadata?.annotations?.[name] === cpu) return;
  await world.client.patch(
    pods,
    { namespace: metadata?.namespace, name: metadata?.name ?? "" },
    { metadata: { annotations: { [name]: cpu } } },
  );
}

it("scales by what pods use, up at once and down when it has been quiet", async () => {
  await world.namespace("scaled");
  const container = { resources: { requests: { cpu: "100m" } } };
  await deploy("scaled", 2, { container, annotations: { cpu: "50m", memory: "10Mi" } });
  await world.client.create(horizontalPodAutoscalers, {
    metadata: { namespace: "scaled", name: "web" },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      minReplicas: 1,
      maxReplicas: 8,
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
      ],
    },
  });
  await world.advance("3m");
  // Half of what is asked for is what is wanted.
  expect(await replicas("scaled")).toBe(2);
  // Also by those that come to be meanwhile.
  const untilReplicas = (count: number, cpu: string): Promise<void> =>
    world.until(async () => {
      for (const pod of await world.pods("scaled")) await use(pod, cpu);
      return (await replicas("scaled")) === count;
    }, 15 * minute);
  const upFrom = world.now();
  await untilReplicas(8, "150m");
  expect(world.now() - upFrom).toBeLessThan(2 * minute);
  const downFrom = world.now();
  await untilReplicas(1, "5m");
  // So long what was recommended before stands.
  expect(world.now() - downFrom).toBeGreaterThan(5 * minute);
  const { status } = await world.client.get(horizontalPodAutoscalers, { namespace: "scaled", name: "web" });
  const conditions = Object.fromEntries((status?.conditions ?? []).map(({ type, status: is }) => [type, is]));
  expect(conditions).toEqual({ AbleToScale: "True", ScalingActive: "True", ScalingLimited: "False" });
});

/** As `kubectl drain` does; answers how often it was refused. */
async function drain(nodeName: string, namespace: string): Promise<number> {
  await world.client.patch(nodes, { name: nodeName }, { spec: { unschedulable: true } });
  let refusals = 0;
  await world.until(async () => {
    const here = (await world.pods(namespace)).filter(({ spec }) => spec?.nodeName === nodeName);
    for (const pod of here.filter(({ metadata }) => metadata?.deletionTimestamp === undefined)) {
      try {
        await world.client.create(evictions, { metadata: { namespace, name: nameOf(pod) } }, "eviction");
      } catch (thrown) {
        if (!(thrown instanceof ApiError) || thrown.code !== 429) throw thrown;
        refusals += 1;
      }
    }
    return here.length === 0;
  }, 10 * minute);
  return refusals;
}

it("drains nodes no faster than a budget allows", async () => {
  await world.namespace("guarded");
  await deploy("guarded", 4, { annotations: { "ready-delay": "5s" } });
  await world.client.create(podDisruptionBudgets, {
    metadata: { namespace: "guarded", name: "web" },
    spec: { minAvailable: 3, selector: { matchLabels: { app: "web" } } },
  });
  await world.settled();
  let fewest = 4;
  const seen = await world.follow(pods);
  const end = seen.on({
    updated() {
      const ready = [...seen.list("guarded")].filter(
        ({ metadata, status }) =>
          metadata?.deletionTimestamp === undefined &&
          status?.conditions?.find(({ type }) => type === "Ready")?.status === "True",
      );
      fewest = Math.min(fewest, ready.length);
    },
  });
  const refusals = (await drain("node-0", "guarded")) + (await drain("node-1", "guarded"));
  end();
  expect(fewest).toBe(3);
  expect(refusals).toBeGreaterThan(0);
  await world.until(async () => (await world.readyPods("guarded")).length === 4, minute);
  expect(new Set((await world.pods("guarded")).map(({ spec }) => spec?.nodeName))).toEqual(new Set(["node-2"]));
  for (const name of ["node-0", "node-1"]) await world.client.patch(nodes, { name }, { spec: { unschedulable: null } });
});

it("deletes a namespace with everything in it", async () => {
  await world.namespace("doomed");
  await deploy("doomed", 3, { annotations: { "stop-delay": "3s" } });
  const metadata = { namespace: "doomed", name: "it" };
  await world.client.create(statefulSets, {
    metadata,
    spec: {
      replicas: 2,
      serviceName: "it",
      selector: { matchLabels: { app: "it" } },
      template: template({ app: "it" }),
    },
  });
  await world.client.create(jobs, {
    metadata,
    spec: { template: template({}, { spec: { restartPolicy: "Never" }, annotations: { "exit-after": "1h" } }) },
  });
  await world.client.create(services, { metadata, spec: { selector: { app: "web" }, ports: [{ port: 80 }] } });
  await world.client.create(configMaps, { metadata, data: { a: "b" } });
  await world.client.create(secrets, { metadata, stringData: { a: "b" } });
  await world.client.create(podDisruptionBudgets, {
    metadata,
    spec: { maxUnavailable: 0, selector: { matchLabels: { app: "web" } } },
  });
  await world.advance("30s");
  await world.client.delete(namespaces, { name: "doomed" });
  await world.until(
    async () => !(await world.client.list(namespaces)).some((namespace) => nameOf(namespace) === "doomed"),
    2 * minute,
  );
  const kinds: ResourceType<KubeObject>[] = [pods, deployments, replicaSets, statefulSets, jobs, services, configMaps];
  kinds.push(secrets, serviceAccounts, podDisruptionBudgets);
  for (const kind of kinds) expect(await world.client.list(kind, { namespace: "doomed" })).toEqual([]);
  await world.advance("10m");
  expect(await world.pods("doomed")).toEqual([]);
});

it("keeps an owner until what it owns is gone, or lets that go, as it is asked", async () => {
  await world.namespace("owned");
  await deploy("owned", 2, { annotations: { "stop-delay": "20s" } });
  const name = { namespace: "owned", name: "web" };
  await world.client.delete(deployments, name, { propagationPolicy: "Foreground" });
  await world.advance("5s");
  expect((await world.client.get(deployments, name)).metadata?.finalizers).toEqual(["foregroundDeletion"]);
  expect(await world.pods("owned")).toHaveLength(2);
  await world.advance("30s");
  expect(await world.client.list(deployments, { namespace: "owned" })).toEqual([]);
  expect(await world.pods("owned")).toEqual([]);

  await deploy("owned", 2);
  const before = (await world.pods("owned")).map(nameOf);
  await world.client.delete(deployments, name, { propagationPolicy: "Orphan" });
  await world.advance("1m");
  const [set, ...others] = await world.client.list(replicaSets, { namespace: "owned" });
  expect(others).toEqual([]);
  expect(set?.metadata?.ownerReferences).toBeUndefined();
  expect((await world.pods("owned")).map(nameOf)).toEqual(before);
  // A new Deployment of the same template takes over what is there.
  await deploy("owned", 2);
  expect((await world.pods("owned")).map(nameOf)).toEqual(before);
});

it("gives back what a quota had given", async () => {
  // As it tells its user, it tells its log.
  world.allow(/exceeded quota: most/);
  await world.namespace("counted");
  await world.client.create(resourceQuotas, {
    metadata: { namespace: "counted", name: "most" },
    spec: { hard: { pods: "3", "requests.cpu": "400m" } },
  });
  await world.settled();
  const container = { resources: { requests: { cpu: "100m" } } };
  await deploy("counted", 3, { container });
  const used = async (): Promise<unknown> =>
    (await world.client.get(resourceQuotas, { namespace: "counted", name: "most" })).status?.used;
  await world.settled();
  expect(await used()).toEqual({ pods: "3", "requests.cpu": "300m" });
  await world.client.patch(deployments, { namespace: "counted", name: "web" }, { spec: { replicas: 5 } });
  await world.advance("1m");
  expect(await world.readyPods("counted")).toHaveLength(3);
  const { status } = await world.client.get(deployments, { namespace: "counted", name: "web" });
  expect(status?.conditions?.find(({ type }) => type === "ReplicaFailure")).toMatchObject({ reason: "FailedCreate" });
  await world.client.patch(deployments, { namespace: "counted", name: "web" }, { spec: { replicas: 1 } });
  await world.advance("1m");
  expect(await used()).toEqual({ pods: "1", "requests.cpu": "100m" });
});

const boats: ResourceType<KubeObject> = resourceType("example.com/v1", "boats", "Boat", "Namespaced");
const boatDefinition: CustomResourceDefinition = {
  metadata: { name: "boats.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { plural: "boats", singular: "boat", kind: "Boat" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};

it("collects what custom resources own, and custom resources that are owned", async () => {
  // Until the collector has heard that the definition is gone.
  world.allow(/a watch failed resource=boats/);
  await world.namespace("harbour");
  await world.client.create(customResourceDefinitions, boatDefinition);
  await world.until(async () => {
    const { status } = await world.client.get(customResourceDefinitions, { name: "boats.example.com" });
    return status?.conditions?.some(({ type, status: is }) => type === "Established" && is === "True") === true;
  }, minute);
  // Until the collector has heard of the new resource.
  await world.advance("1m");
  const ownedBy = (owner: DeepReadonly<KubeObject>, type: ResourceType, name: string): KubeObject => ({
    metadata: {
      ...{ namespace: "harbour", name },
      ownerReferences: [
        { apiVersion: type.apiVersion, kind: type.kind, name: nameOf(owner), uid: owner.metadata?.uid ?? "" },
      ],
    },
  });
  const ship = await world.client.create(boats, { metadata: { namespace: "harbour", name: "ship" } });
  const dinghy = await world.client.create(boats, ownedBy(ship, boats, "dinghy"));
  await world.client.create(configMaps, ownedBy(dinghy, boats, "oars"));
  await world.client.create(boats, { metadata: { namespace: "harbour", name: "other" } });
  await world.settled();
  await world.client.delete(boats, { namespace: "harbour", name: "ship" });
  await world.advance("1m");
  expect((await world.client.list(boats, { namespace: "harbour" })).map(nameOf)).toEqual(["other"]);
  const left = (await world.client.list(configMaps, { namespace: "harbour" })).map(nameOf);
  expect(left).toEqual(["kube-root-ca.crt"]);
  await world.client.delete(customResourceDefinitions, { name: "boats.example.com" });
  await world.advance("2m");
  expect(await world.client.list(customResourceDefinitions)).toEqual([]);
});
