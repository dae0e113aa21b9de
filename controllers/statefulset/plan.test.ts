import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StatefulSet } from "../../api/generated/types/apps-v1.ts";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import { firstOrdinal, replicasOf, revisionLabel, revisionOf } from "./identity.ts";
import { type Observed, plan, type Step } from "./plan.ts";
import { statefulPod } from "./stateful-pod.ts";

const now = Date.UTC(2026, 0, 1);

type Shape = "pending" | "ready" | "unready" | "failed" | "terminating";

function webSet(spec: Partial<StatefulSet["spec"]> = {}): StatefulSet {
  return {
    metadata: { namespace: "default", name: "web", uid: "set" },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: "web" } },
      template: { spec: { containers: [{ name: "web" }] } },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
      ...spec,
    },
  };
}

function webPod(set: StatefulSet, ordinal: number, shape: Shape, revision = "new"): Pod {
  const template = { spec: { containers: [{ name: "web" }] } };
  const pod = statefulPod(set, ordinal, { name: revision, template });
  const status = shape === "ready" ? "True" : "False";
  const phase = shape === "pending" ? "Pending" : shape === "failed" ? "Failed" : "Running";
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      uid: `${ordinal}`,
      ...(shape === "terminating" ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
    },
    status: { phase, conditions: [{ type: "Ready", status, lastTransitionTime: "2025-12-31T00:00:00Z" }] },
  };
}

function observed(set: StatefulSet, pods: readonly Pod[], more: Partial<Observed> = {}): Observed {
  return { set, pods, current: "old", update: "new", claim: () => undefined, now, ...more };
}

const told = (step: Step): string =>
  step.do === "create" ? `create ${step.ordinal} ${step.revision}` : `${step.do} ${step.pod.metadata?.name ?? ""}`;
const stepsOf = (what: Observed): string[] => plan(what).flat().map(told);

describe("the plan of a StatefulSet", () => {
  it.each<[string, Partial<StatefulSet["spec"]>, Partial<Record<number, [Shape, string?]>>, string[]]>([
    ["begins with the first", {}, {}, ["create 0 new"]],
    ["fills a hole before all else", {}, { 0: ["ready"], 2: ["ready"] }, ["create 1 new"]],
    ["waits for a pod that is not ready", {}, { 0: ["unready"] }, []],
    ["replaces a failed pod", {}, { 0: ["ready"], 1: ["failed"], 2: ["ready"] }, ["delete web-1"]],
    ["waits for a pod that terminates", {}, { 0: ["terminating"], 1: ["ready"] }, []],
    ["takes the highest away", { replicas: 1 }, { 0: ["ready"], 1: ["ready"], 2: ["ready"] }, ["delete web-2"]],
    ["takes none away while one is not well", { replicas: 1 }, { 0: ["ready"], 1: ["unready"], 2: ["unready"] }, []],
    [
      "takes away what is not well itself",
      { replicas: 1 },
      { 0: ["ready"], 1: ["ready"], 2: ["unready"] },
      ["delete web-2"],
    ],
    ["waits below a pod that terminates", { replicas: 1 }, { 0: ["ready"], 1: ["ready"], 2: ["terminating"] }, []],
    ["updates from the top", {}, { 0: ["ready", "old"], 1: ["ready", "old"], 2: ["ready"] }, ["delete web-1"]],
    [
      "keeps pods below the partition at the current revision",
      { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } },
      { 0: ["ready", "old"] },
      ["create 1 old"],
    ],
    [
      "makes all at once in parallel",
      { podManagementPolicy: "Parallel" },
      { 1: ["unready"] },
      ["create 0 new", "create 2 new"],
    ],
    [
      "updates one at a time in parallel too",
      { podManagementPolicy: "Parallel" },
      { 0: ["ready", "old"], 1: ["ready", "old"], 2: ["unready"] },
      [],
    ],
    ["scales to nothing", { replicas: 0 }, { 3: ["ready"] }, ["delete web-3"]],
    ["moves to other ordinals", { replicas: 1, ordinals: { start: 5 } }, { 0: ["ready"] }, ["create 5 new"]],
  ])("%s", (_, spec, pods, steps) => {
    const set = webSet(spec);
    const made = Object.entries(pods).map(([ordinal, shape = ["ready"]]) => webPod(set, Number(ordinal), ...shape));
    expect(stepsOf(observed(set, made))).toEqual(steps);
  });

  it("makes a bounded number of pods at once, however many are wanted", () => {
    const set = webSet({ replicas: 2_000_000_000, podManagementPolicy: "Parallel" });
    expect(stepsOf(observed(set, []))).toHaveLength(500);
    expect(stepsOf(observed(webSet({ replicas: 2_000_000_000 }), []))).toHaveLength(1);
  });

  it("restores labels that were taken away", () => {
    const set = webSet({ replicas: 1 });
    const pod = webPod(set, 0, "ready");
    const bare = { ...pod, metadata: { ...pod.metadata, labels: { [revisionLabel]: "new" } } };
    expect(stepsOf(observed(set, [bare]))).toEqual(["mend web-0"]);
  });
});

/** A world in which pods come to be, fail and vanish by chance, and the set is changed while its plans are carried out. */
class World {
  set = webSet();
  update = "rev-0";
  current = "rev-0";
  readonly pods = new Map<number, Pod>();

  observe(): Observed {
    const { set, current, update } = this;
    return observed(set, [...this.pods.values()], { current, update });
  }

  ordinals(): number[] {
    const first = firstOrdinal(this.set);
    return Array.from({ length: replicasOf(this.set) }, (_, index) => first + index);
  }

  isReady(ordinal: number): boolean {
    const pod = this.pods.get(ordinal);
    return pod?.status?.conditions?.[0]?.status === "True" && pod.metadata?.deletionTimestamp === undefined;
  }

  shape(ordinal: number, shape: Shape | "gone"): void {
    const pod = this.pods.get(ordinal);
    if (pod === undefined) return;
    const isGoing = pod.metadata?.deletionTimestamp !== undefined;
    if (shape === "gone") this.pods.delete(ordinal);
    else this.pods.set(ordinal, webPod(this.set, ordinal, isGoing ? "terminating" : shape, revisionOf(pod)));
  }

  run(step: Step): void {
    if (step.do === "create") {
      expect(this.pods.has(step.ordinal)).toBe(false);
      this.pods.set(step.ordinal, webPod(this.set, step.ordinal, "pending", step.revision));
    } else if (step.do === "delete") {
      const ordinal = Number(step.pod.metadata?.uid);
      const isFailed = step.pod.status?.phase === "Failed";
      if (isFailed) this.pods.delete(ordinal);
      else this.shape(ordinal, "terminating");
    }
  }
}

type Happening = (world: World) => void;

const shapes = fc.constantFrom<Shape | "gone">("pending", "ready", "unready", "failed", "gone");
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.nat(8), shapes).map(
      ([at, shape]): Happening =>
        (world) =>
          world.shape(at, shape),
    ),
  },
  fc.nat(6).map(
    (replicas): Happening =>
      (world) =>
        (world.set = webSet({ ...world.set.spec, replicas })),
  ),
  fc.nat(3).map(
    (start): Happening =>
      (world) =>
        (world.set = webSet({ ...world.set.spec, ordinals: { start } })),
  ),
  fc.nat(4).map((partition): Happening => (world) => {
    world.set = webSet({ ...world.set.spec, updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition } } });
  }),
  fc.nat(3).map(
    (revision): Happening =>
      (world) =>
        (world.update = `rev-${revision}`),
  ),
);

describe("whatever happens, an ordered StatefulSet", () => {
  it("does one thing at a time, starts no pod before those below are ready, and deletes none that is well out of order", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
        const world = new World();
        for (const happen of happenings) {
          happen(world);
          const steps = plan(world.observe()).flat();
          expect(steps.length).toBeLessThanOrEqual(1);
          for (const step of steps) {
            if (step.do === "create") {
              const below = world.ordinals().filter((ordinal) => ordinal < step.ordinal);
              expect(below.every((ordinal) => world.isReady(ordinal))).toBe(true);
            } else if (step.do === "delete" && world.isReady(Number(step.pod.metadata?.uid))) {
              expect(world.ordinals().every((ordinal) => world.isReady(ordinal))).toBe(true);
            }
            world.run(step);
          }
        }
      }),
    );
  });

  it("comes to what is wanted when pods behave", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 40 }), fc.boolean(), (happenings, isParallel) => {
        const world = new World();
        for (const happen of happenings) {
          happen(world);
          for (const step of plan(world.observe()).flat()) world.run(step);
        }
        world.set = webSet({ ...world.set.spec, ...(isParallel ? { podManagementPolicy: "Parallel" } : {}) });
        for (let round = 0; round < 60; round += 1) {
          for (const step of plan(world.observe()).flat()) world.run(step);
          for (const [ordinal, { metadata }] of world.pods)
            world.shape(ordinal, metadata?.deletionTimestamp === undefined ? "ready" : "gone");
        }
        expect([...world.pods.keys()].toSorted((left, right) => left - right)).toEqual(world.ordinals());
        const partition = world.set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
        const updated = world.ordinals().slice(partition);
        expect(updated.every((ordinal) => revisionOf(world.pods.get(ordinal) ?? {}) === world.update)).toBe(true);
      }),
    );
  });
});
