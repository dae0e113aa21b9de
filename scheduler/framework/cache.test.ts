import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Node, Pod } from "../../api/generated/types/core-v1.ts";
import { createSchedulerCache, type SchedulerCache } from "./cache.ts";
import type { NodeInfo } from "./node-info.ts";
import { createPodInfo } from "./pod-info.ts";
import type { Snapshot } from "./snapshot.ts";
import { node, pod } from "./stage.testing.ts";
import { createTallies } from "./tallies.ts";

describe("the scheduler's cache", () => {
  it("counts an assumed pod until it is forgotten", () => {
    const cache = createSchedulerCache();
    cache.setNode(node("a"));
    const wanted = createPodInfo(pod("p", { requests: { cpu: "1" } }));
    expect(cache.assumePod(wanted, "a")).toBe(true);
    expect(cache.assumePod(wanted, "a")).toBe(false);
    expect(cache.snapshot().get("a")?.requested.milliCpu).toBe(1000);
    cache.forgetPod(wanted.uid);
    expect(cache.snapshot().get("a")?.requested.milliCpu).toBe(0);
  });

  it("believes what it is told of a pod that it assumed elsewhere", () => {
    const cache = createSchedulerCache();
    cache.setNode(node("a"));
    cache.setNode(node("b"));
    cache.assumePod(createPodInfo(pod("p")), "a");
    cache.setPod(createPodInfo(pod("p", { node: "b" })));
    expect(cache.isAssumed("uid-default-p")).toBe(false);
    expect(cache.snapshot().nodes.map(({ name, pods }) => [name, pods.length])).toEqual([
      ["a", 0],
      ["b", 1],
    ]);
    cache.forgetPod("uid-default-p");
    expect(cache.podCount).toBe(1);
  });

  it("keeps pods of a node that it does not know yet, and of one that is gone", () => {
    const cache = createSchedulerCache();
    cache.setPod(createPodInfo(pod("p", { node: "a" })));
    expect(cache.snapshot().nodes).toEqual([]);
    cache.setNode(node("a"));
    expect(cache.snapshot().get("a")?.pods).toHaveLength(1);
    cache.removeNode("a");
    expect(cache.snapshot().nodes).toEqual([]);
    cache.setNode(node("a"));
    expect(cache.snapshot().get("a")?.pods).toHaveLength(1);
  });

  it("tries nodes zone by zone in turns", () => {
    const cache = createSchedulerCache();
    for (const [name, zone] of [
      ["a1", "a"],
      ["a2", "a"],
      ["a3", "a"],
      ["b1", "b"],
      ["c1", "c"],
    ] as const)
      cache.setNode(node(name, { labels: { "topology.kubernetes.io/zone": zone } }));
    expect(cache.snapshot().nodes.map(({ name }) => name)).toEqual(["a1", "b1", "c1", "a2", "a3"]);
    cache.setNode(node("a1", { labels: { "topology.kubernetes.io/zone": "b" } }));
    expect(cache.snapshot().nodes.map(({ name }) => name)).toEqual(["a2", "b1", "c1", "a3", "a1"]);
  });
});

type Step =
  | { readonly do: "setNode"; readonly node: number; readonly cpu: number; readonly zone: number }
  | { readonly do: "removeNode"; readonly node: number }
  | { readonly do: "setPod" | "assume"; readonly pod: number; readonly node: number; readonly app: number }
  | { readonly do: "removePod" | "forget"; readonly pod: number }
  | { readonly do: "snapshot" };

const small = fc.integer({ min: 0, max: 3 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("setNode" as const), node: small, cpu: small, zone: small }),
    fc.record({ do: fc.constant("removeNode" as const), node: small }),
    fc.record({
      do: fc.constantFrom("setPod" as const, "assume" as const),
      pod: fc.integer({ min: 0, max: 9 }),
      node: small,
      app: small,
    }),
    fc.record({ do: fc.constantFrom("removePod" as const, "forget" as const), pod: fc.integer({ min: 0, max: 9 }) }),
    fc.constant({ do: "snapshot" as const }),
  ),
  { maxLength: 60 },
);

function makeNode(index: number, cpu: number, zone: number): Node {
  return node(`n${index}`, {
    labels: zone === 0 ? {} : { "topology.kubernetes.io/zone": `z${zone}` },
    allocatable: { cpu: String(cpu) },
    status: { images: [{ names: [`image${zone}`], sizeBytes: 1 }], allocatable: { cpu: String(cpu), pods: "10" } },
  });
}

function makePod(index: number, nodeIndex: number, app: number): Pod {
  return pod(`p${index}`, {
    node: `n${nodeIndex}`,
    labels: { app: String(app) },
    requests: { cpu: `${app}00m`, memory: "1Mi", "example.com/gpu": String(app) },
    ports: app === 1 ? [{ hostPort: 80 + index }] : [],
    spec: {
      volumes: app === 2 ? [{ name: "v", persistentVolumeClaim: { claimName: `c${index % 2}` } }] : [],
      ...(app === 3
        ? {
            affinity: {
              podAntiAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: [
                  { topologyKey: "kubernetes.io/hostname", labelSelector: {} },
                ],
              },
            },
          }
        : {}),
    },
  });
}

function apply(cache: SchedulerCache, step: Step): void {
  switch (step.do) {
    case "setNode":
      return cache.setNode(makeNode(step.node, step.cpu, step.zone));
    case "removeNode":
      return cache.removeNode(`n${step.node}`);
    case "setPod":
      return cache.setPod(createPodInfo(makePod(step.pod, step.node, step.app)));
    case "assume":
      cache.assumePod(createPodInfo(makePod(step.pod, step.node, step.app)), `n${step.node}`);
      return undefined;
    case "removePod":
      return cache.removePod(`uid-default-p${step.pod}`);
    case "forget":
      return cache.forgetPod(`uid-default-p${step.pod}`);
    case "snapshot":
      cache.snapshot();
      return undefined;
  }
}

/** All that a snapshot tells, without orders that do not matter. */
function picture(snapshot: Snapshot): unknown {
  const ofNode = ({
    generation: _,
    pods,
    podsWithAffinity,
    podsWithRequiredAntiAffinity,
    ...info
  }: NodeInfo): unknown => ({
    ...info,
    scalars: [...info.requested.scalars].toSorted(),
    pods: pods.map(({ key }) => key).toSorted(),
    affine: podsWithAffinity.map(({ key }) => key).toSorted(),
    anti: podsWithRequiredAntiAffinity.map(({ key }) => key).toSorted(),
    requested: { ...info.requested, scalars: undefined },
  });
  return {
    nodes: snapshot.nodes.map(ofNode).toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
    affine: [...snapshot.nodesWithAffinity.keys()].toSorted(),
    anti: [...snapshot.nodesWithRequiredAntiAffinity.keys()].toSorted(),
    claims: ["default/c0", "default/c1"].map((key) => snapshot.claimUses(key)),
    images: ["image0", "image1", "image2", "image3"].map((image) => snapshot.imageNodes(image)),
  };
}

const question = {
  kind: "app 1",
  isCounted: ({ labels }: { readonly labels: Readonly<Record<string, string>> | undefined }): boolean =>
    labels?.["app"] === "1",
  topologyKey: "topology.kubernetes.io/zone",
  neededKeys: ["kubernetes.io/hostname"],
};

it("brings the snapshot up to date as if it were made from scratch", () => {
  fc.assert(
    fc.property(steps, (history) => {
      const [incremental, fresh] = [createSchedulerCache(), createSchedulerCache()];
      const tallies = createTallies();
      for (const step of history) {
        apply(incremental, step);
        if (step.do === "snapshot") tallies.of(question, incremental.snapshot());
        else apply(fresh, step);
      }
      expect(picture(incremental.snapshot())).toEqual(picture(fresh.snapshot()));
      const names = (cache: SchedulerCache): readonly string[] => cache.snapshot().nodes.map(({ name }) => name);
      expect(names(incremental)).toEqual(names(fresh));
      const kept = tallies.of(question, incremental.snapshot());
      expect(kept.values).toEqual(createTallies().of(question, fresh.snapshot()).values);
    }),
    { numRuns: 300 },
  );
});
