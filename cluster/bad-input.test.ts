import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeploymentSpec, ReplicaSetSpec } from "../api/generated/types/apps-v1.ts";
import type { PodSpec } from "../api/generated/types/core-v1.ts";
import { isPodActive } from "../api/core/pod-state.ts";
import {
  configMaps,
  cronJobs,
  deployments,
  events,
  jobs,
  pods,
  replicaSets,
  statefulSets,
} from "../client/resource-types.ts";
import { relaxedHeartbeats, usualHeartbeats } from "./heartbeats.ts";
import { type Asked, nameOf, startWorld, template, type World } from "./world.testing.ts";

const minute = 60_000;
const zone = "topology.kubernetes.io/zone";
const main = { name: "main", image: "nginx:1" };
const impossible: Record<string, PodSpec> = {
  big: { containers: [{ ...main, resources: { requests: { cpu: "1000" } } }] },
  elsewhere: { containers: [main], nodeSelector: { "kubernetes.io/hostname": "nowhere" } },
  zoned: {
    containers: [main],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: zone, operator: "In", values: ["a"] }] }],
        },
      },
    },
  },
  spread: {
    containers: [main],
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: zone, whenUnsatisfiable: "DoNotSchedule", labelSelector: { matchLabels: { a: "b" } } },
    ],
  },
  choosy: {
    containers: [main],
    affinity: {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: zone, labelSelector: { matchLabels: { not: "there" } } },
        ],
      },
    },
  },
  claiming: {
    containers: [main],
    volumes: [{ name: "data", persistentVolumeClaim: { claimName: "missing" } }],
  },
};

let world: World;

beforeAll(async () => {
  world = await startWorld({ nodes: 3 });
});

afterAll(() => world[Symbol.asyncDispose]());

it("pods that fit nowhere wait, and it is said why", async () => {
  await world.namespace("nowhere");
  for (const [name, spec] of Object.entries(impossible))
    await world.client.create(pods, { metadata: { namespace: "nowhere", name }, spec });
  await world.advance("30m");
  for (const { spec, status } of await world.pods("nowhere")) {
    expect(spec?.nodeName).toBeUndefined();
    const condition = status?.conditions?.find(({ type }) => type === "PodScheduled");
    expect(condition).toMatchObject({ status: "False", reason: "Unschedulable" });
    expect(condition?.message).not.toBe("");
  }
  const told = await world.client.list(events, { namespace: "nowhere" });
  const about = told
    .filter(({ reason }) => reason === "FailedScheduling")
    .map(({ involvedObject }) => involvedObject.name);
  expect([...new Set(about)].toSorted()).toEqual(Object.keys(impossible).toSorted());
});

describe("selectors that select each other's pods", () => {
  const set = (replicas: number): ReplicaSetSpec & DeploymentSpec => ({
    replicas,
    selector: { matchLabels: { app: "shared" } },
    template: template({ app: "shared" }),
  });

  it("leave each ReplicaSet with as many as it wants", async () => {
    await world.namespace("overlap");
    const { spec } = template({});
    for (const name of ["a", "b", "c", "d"])
      await world.client.create(pods, {
        metadata: { namespace: "overlap", name: `orphan-${name}`, labels: { app: "shared" } },
        spec: spec!,
      });
    await Promise.all(
      [2, 3].map((count) =>
        world.client.create(replicaSets, { metadata: { namespace: "overlap", name: `of-${count}` }, spec: set(count) }),
      ),
    );
    await world.advance("5m");
    const owners = (await world.readyPods("overlap")).map(({ metadata }) => metadata?.ownerReferences?.[0]?.name ?? "");
    expect(owners.toSorted()).toEqual(["of-2", "of-2", "of-3", "of-3", "of-3"]);
  });

  it("leave each Deployment with its own", async () => {
    await world.namespace("twins");
    for (const name of ["one", "two"])
      await world.client.create(deployments, { metadata: { namespace: "twins", name }, spec: set(2) });
    await world.advance("5m");
    for (const name of ["one", "two"]) {
      const { status } = await world.client.get(deployments, { namespace: "twins", name });
      expect(status).toMatchObject({ replicas: 2, availableReplicas: 2 });
    }
    expect(await world.pods("twins")).toHaveLength(4);
  });
});

it("owners in a circle stay until one of them is deleted", async () => {
  await world.namespace("circle");
  const made = new Map<string, string>();
  for (const name of ["a", "b", "c"]) {
    const { metadata } = await world.client.create(configMaps, { metadata: { namespace: "circle", name } });
    made.set(name, metadata?.uid ?? "");
  }
  const own = (name: string, owner: string): Promise<unknown> => {
    const reference = {
      apiVersion: "v1",
      kind: "ConfigMap",
      name: owner,
      uid: made.get(owner),
      blockOwnerDeletion: true,
    };
    return world.client.patch(
      configMaps,
      { namespace: "circle", name },
      { metadata: { ownerReferences: [reference] } },
    );
  };
  await own("a", "b");
  await own("b", "a");
  await own("c", "c");
  const names = async (): Promise<string[]> =>
    (await world.client.list(configMaps, { namespace: "circle" })).map(nameOf).filter((name) => name.length === 1);
  await world.advance("10m");
  expect(await names()).toEqual(["a", "b", "c"]);
  await world.client.delete(configMaps, { namespace: "circle", name: "a" }, { propagationPolicy: "Foreground" });
  await world.client.delete(configMaps, { namespace: "circle", name: "c" }, { propagationPolicy: "Foreground" });
  await world.advance("10m");
  expect(await names()).toEqual([]);
});

it("an owner that never was, or is another by now, keeps nothing", async () => {
  await world.namespace("absent");
  const owned = (name: string, owner: object): Promise<unknown> =>
    world.client.create(configMaps, {
      metadata: {
        namespace: "absent",
        name,
        ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "o", uid: "1", ...owner }],
      },
    });
  await world.client.create(configMaps, { metadata: { namespace: "absent", name: "o" } });
  await owned("never", { name: "never-there" });
  await owned("another", {});
  // What nobody serves cannot be looked for.
  await owned("unknown", { apiVersion: "example.org/v1", kind: "Unheard" });
  await world.advance("10m");
  const left = (await world.client.list(configMaps, { namespace: "absent" })).map(nameOf);
  expect(left).toEqual(["kube-root-ca.crt", "o", "unknown"]);
});

it("objects that come and go faster than anyone can act leave nothing behind", async () => {
  await world.namespace("churn");
  const web = { namespace: "churn", name: "web" };
  const spec: DeploymentSpec = {
    replicas: 3,
    selector: { matchLabels: { app: "web" } },
    template: template({ app: "web" }, { annotations: { "stop-delay": "0s-2s" } }),
  };
  for (let round = 0; round < 8; round += 1) {
    await world.client.create(deployments, { metadata: web, spec });
    await world.client.create(statefulSets, { metadata: web, spec: { ...spec, serviceName: "web" } });
    await world.client.create(jobs, {
      metadata: web,
      spec: { template: template({}, { spec: { restartPolicy: "Never" } }) },
    });
    // Let things begin, a little further each time.
    for (let turn = 0; turn < round * 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    for (const { metadata } of (await world.pods("churn")).slice(0, 2))
      await world.client.delete(pods, { namespace: "churn", name: metadata?.name ?? "" }, { gracePeriodSeconds: 0 });
    const background = { propagationPolicy: "Background" } as const;
    await Promise.all([deployments, statefulSets, jobs].map((type) => world.client.delete(type, web, background)));
  }
  await world.advance("5m");
  expect(await world.pods("churn")).toEqual([]);
  expect(await world.client.list(replicaSets, { namespace: "churn" })).toEqual([]);
});

it("of all of this nobody writes anything when nothing happens", async () => {
  await world.namespace("rest");
  await world.client.create(cronJobs, {
    metadata: { namespace: "rest", name: "never" },
    spec: {
      schedule: "0 0 31 2 *",
      jobTemplate: { spec: { template: template({}, { spec: { restartPolicy: "Never" } }) } },
    },
  });
  // Of pods that still wait for a node it is said again, each half an hour.
  const isRetold = ({ user, path }: Asked): boolean =>
    user === "system:kube-scheduler" && path.startsWith("/apis/events.k8s.io/v1/namespaces/nowhere/events/");
  await world.expectQuiet({ besides: isRetold, atMost: 2 * Object.keys(impossible).length });
});

describe("a clock that jumps", () => {
  it.each([
    { name: "forward", by: 26 * 60 * minute, heartbeats: relaxedHeartbeats, wait: "6h" },
    { name: "backward", by: -3 * 60 * minute, heartbeats: relaxedHeartbeats, wait: "6h" },
    // As of a laptop that slept: nodes have been silent for long, and so have those who watch them.
    { name: "forward, past what nodes are waited for,", by: 60 * minute, heartbeats: usualHeartbeats, wait: "10m" },
  ])("$name ends no pod", async ({ name, by, heartbeats, wait }) => {
    await using jumping = await startWorld({ nodes: 2, heartbeats });
    await jumping.client.create(deployments, {
      metadata: { namespace: "default", name: "web" },
      spec: { replicas: 3, selector: { matchLabels: { app: "web" } }, template: template({ app: "web" }) },
    });
    await jumping.advance("2m");
    const before = (await jumping.readyPods("default")).map(nameOf);
    expect(before).toHaveLength(3);
    jumping.clock.jump(by);
    await jumping.advance(wait);
    expect((await jumping.readyPods("default")).map(nameOf), name).toEqual(before);
    expect((await jumping.pods("default")).filter(isPodActive)).toHaveLength(3);
  });
});
