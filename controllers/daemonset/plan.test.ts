import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DaemonSet } from "../../api/generated/types/apps-v1.ts";
import type { Node, Pod } from "../../api/generated/types/core-v1.ts";
import { isPodActive, isPodReady, isPodTerminating } from "../../api/core/pod-state.ts";
import { daemonPod, hashOf, targetNode } from "./daemon-pod.ts";
import { placer } from "./placement.ts";
import { type Observed, type Plan, plan, podsByNode } from "./plan.ts";
import { rollingUpdate } from "./rolling-update.ts";

const start = Date.UTC(2026, 0, 1);

type Limits = { readonly maxUnavailable: number; readonly maxSurge: number };

function agentSet(limits: Limits): DaemonSet {
  return {
    metadata: { namespace: "default", name: "agent", uid: "set" },
    spec: {
      selector: { matchLabels: { app: "agent" } },
      template: { spec: { containers: [{ name: "agent" }] } },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: limits },
    },
  };
}

type Shape = "pending" | "ready" | "unready" | "failed" | "terminating";

/** Nodes and pods that change by chance while the plans of a DaemonSet are carried out. */
class World {
  readonly set: DaemonSet;
  hash = "a";
  readonly pods = new Map<string, Pod>();
  readonly nodes = new Map<string, Node>();
  #made = 0;

  constructor(limits: Limits, nodes: number) {
    this.set = agentSet(limits);
    for (let index = 0; index < nodes; index += 1) this.addNode(`node-${index}`);
  }

  addNode(name: string, taint?: string): void {
    const spec = taint === undefined ? {} : { taints: [{ key: "x", effect: taint }] };
    this.nodes.set(name, { metadata: { name }, spec });
  }

  observe(): Observed {
    const { set, nodes, hash } = this;
    const pods = podsByNode(this.pods.values());
    return { set, nodes, pods, hash, place: placer(set), backoff: () => 0, now: start };
  }

  next(): Pick<Plan, "create" | "delete"> {
    const steps = plan(this.observe());
    return steps.create.length + steps.delete.length > 0 ? steps : rollingUpdate(this.observe());
  }

  run({ create, delete: deleted }: Pick<Plan, "create" | "delete">): void {
    for (const node of create) {
      const name = `agent-${(this.#made += 1)}`;
      const pod = daemonPod(this.set, node, this.hash);
      const metadata = { ...pod.metadata, name, creationTimestamp: new Date(start + this.#made * 1000).toISOString() };
      this.pods.set(name, { ...pod, metadata, status: { phase: "Pending" } });
    }
    for (const { metadata, spec } of deleted)
      if (spec?.nodeName === undefined) this.pods.delete(metadata?.name ?? "");
      else this.shape(metadata?.name ?? "", "terminating");
  }

  /** The name of any of the pods, by chance. */
  any(at: number): string {
    const names = [...this.pods.keys()];
    return names[at % Math.max(names.length, 1)] ?? "";
  }

  shape(name: string, shape: Shape | "gone"): void {
    const pod = this.pods.get(name);
    if (pod === undefined) return;
    if (shape === "gone") {
      this.pods.delete(name);
      return;
    }
    const phase = shape === "pending" ? "Pending" : shape === "failed" ? "Failed" : "Running";
    const conditions = [{ type: "Ready", status: shape === "ready" ? "True" : "False" }];
    const nodeName = targetNode(pod) ?? "";
    this.pods.set(name, {
      metadata: { ...pod.metadata, ...(shape === "terminating" ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}) },
      spec: { containers: [], ...pod.spec, nodeName },
      status: { phase, conditions },
    });
  }

  onNode(name: string): Pod[] {
    return [...this.pods.values()].filter((pod) => targetNode(pod) === name && isPodActive(pod));
  }
}

type Happening = (world: World) => void;

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.nat(20), fc.constantFrom<Shape | "gone">("ready", "ready", "unready", "failed", "gone")).map(
      ([at, shape]): Happening =>
        (world) =>
          world.shape(world.any(at), shape),
    ),
  },
  fc.tuple(fc.nat(7), fc.constantFrom(undefined, "NoSchedule", "NoExecute")).map(
    ([at, taint]): Happening =>
      (world) =>
        world.addNode(`node-${at}`, taint),
  ),
  fc.nat(7).map(
    (at): Happening =>
      (world) =>
        void world.nodes.delete(`node-${at}`),
  ),
  fc.constantFrom("a", "b", "c").map(
    (hash): Happening =>
      (world) =>
        void (world.hash = hash),
  ),
);

const limits: fc.Arbitrary<Limits> = fc.oneof(
  fc.integer({ min: 1, max: 4 }).map((maxUnavailable) => ({ maxUnavailable, maxSurge: 0 })),
  fc.integer({ min: 1, max: 4 }).map((maxSurge) => ({ maxUnavailable: 0, maxSurge })),
);

describe("whatever happens, a DaemonSet", () => {
  it("has no more than one pod on a node, or two where it surges", () => {
    fc.assert(
      fc.property(limits, fc.array(happening, { maxLength: 60 }), (limit, happenings) => {
        const world = new World(limit, 5);
        for (const happen of happenings) {
          happen(world);
          world.run(world.next());
          for (const name of world.nodes.keys()) {
            const there = world.onNode(name);
            expect(there.length).toBeLessThanOrEqual(limit.maxSurge === 0 ? 1 : 2);
            if (there.length === 2) expect(hashOf(there[0] ?? {})).not.toBe(hashOf(there[1] ?? {}));
          }
        }
      }),
    );
  });

  it("takes no more pods that serve away than may be unavailable, while the nodes stay as they are", () => {
    const isServing = (pod: Pod): boolean => isPodReady(pod) && !isPodTerminating(pod);
    const serving = (world: World): number =>
      [...world.nodes.keys()].filter((name) => world.onNode(name).some(isServing)).length;
    fc.assert(
      fc.property(
        limits,
        fc.array(fc.tuple(fc.nat(20), fc.constantFrom<Shape | "gone">("ready", "unready", "gone")), { maxLength: 60 }),
        (limit, changes) => {
          const world = new World(limit, 6);
          world.run(world.next());
          for (const name of world.pods.keys()) world.shape(name, "ready");
          world.hash = "b";
          for (const [at, shape] of changes) {
            const before = serving(world);
            const steps = world.next();
            const surging = [...world.nodes.keys()].filter((name) => world.onNode(name).length > 1).length;
            const besideServing = steps.create.filter((name) => world.onNode(name).some(isServing)).length;
            if (besideServing > 0) expect(besideServing).toBeLessThanOrEqual(limit.maxSurge);
            if (besideServing > 0 && !changes.some(([, shape]) => shape === "unready"))
              expect(surging + besideServing).toBeLessThanOrEqual(limit.maxSurge);
            world.run(steps);
            expect(serving(world)).toBeGreaterThanOrEqual(Math.min(before, 6 - limit.maxUnavailable));
            const name = world.any(at);
            const isGoing = world.pods.get(name)?.metadata?.deletionTimestamp !== undefined;
            world.shape(name, isGoing ? "gone" : shape);
          }
        },
      ),
    );
  });

  it("comes to one pod of the newest template on each node that should have one, when pods behave", () => {
    fc.assert(
      fc.property(limits, fc.array(happening, { maxLength: 40 }), (limit, happenings) => {
        const world = new World(limit, 5);
        for (const happen of happenings) {
          happen(world);
          world.run(world.next());
        }
        for (let round = 0; round < 60; round += 1) {
          world.run(world.next());
          for (const [name, pod] of world.pods) {
            const isGone = isPodTerminating(pod) || !world.nodes.has(targetNode(pod) ?? "");
            world.shape(name, isGone ? "gone" : "ready");
          }
        }
        const place = placer(world.set);
        for (const [name, node] of world.nodes) {
          const hashes = world.onNode(name).map(hashOf);
          const { shouldRun, mayStay } = place(node);
          if (shouldRun) expect(hashes).toEqual([world.hash]);
          else if (!mayStay) expect(hashes).toEqual([]);
        }
      }),
    );
  });
});
