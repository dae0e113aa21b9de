import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import { isPodReady } from "../../api/core/pod-state.ts";
import { deletionOrder } from "./deletion-order.ts";
import { plan } from "./plan.ts";

const now = Date.UTC(2026, 0, 2);
const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();

interface Traits {
  readonly node?: string;
  readonly phase?: string;
  readonly readyFor?: number;
  readonly cost?: string;
  readonly restarts?: number;
  readonly sidecarRestarts?: number;
  readonly age?: number;
}

function pod(name: string, traits: Traits = {}): Pod {
  const { node = "n1", phase = "Running", readyFor, cost, restarts = 0, sidecarRestarts = 0, age = 1000 } = traits;
  const container = { name: "web", ready: true, image: "", imageID: "" };
  return {
    metadata: {
      name,
      uid: name,
      creationTimestamp: ago(age),
      ...(cost === undefined ? {} : { annotations: { "controller.kubernetes.io/pod-deletion-cost": cost } }),
    },
    spec: {
      containers: [],
      ...(node === "" ? {} : { nodeName: node }),
      initContainers: [{ name: "side", image: "side", restartPolicy: "Always" }],
    },
    status: {
      phase,
      ...(readyFor === undefined
        ? {}
        : { conditions: [{ type: "Ready", status: "True", lastTransitionTime: ago(readyFor) }] }),
      containerStatuses: [{ ...container, restartCount: restarts }],
      initContainerStatuses: [{ ...container, name: "side", restartCount: sidecarRestarts }],
    },
  };
}

const orderOf = (pods: readonly Pod[], neighbours: (node: string) => number = () => 1): string[] =>
  deletionOrder(
    pods.map((one) => ({ pod: one, neighbours: neighbours(one.spec?.nodeName ?? "") })),
    now,
  ).map(({ metadata }) => metadata?.name ?? "");

describe("the order in which pods go", () => {
  it.each<[string, Traits, Traits]>([
    ["without a node", { node: "", readyFor: 9 }, { phase: "Pending" }],
    ["pending", { phase: "Pending", cost: "9" }, { phase: "Unknown" }],
    ["of unknown phase", { phase: "Unknown" }, { phase: "Running" }],
    ["not ready", { cost: "100" }, { readyFor: 10 }],
    ["cheaper to lose", { readyFor: 900, cost: "-1" }, { readyFor: 10 }],
    ["cheaper, where a cost is none", { readyFor: 900, cost: "01" }, { readyFor: 10, cost: "1" }],
    ["ready for much shorter", { readyFor: 10, age: 900 }, { readyFor: 500, age: 900 }],
    ["restarted more often", { readyFor: 10, restarts: 3 }, { readyFor: 10, restarts: 1 }],
    ["with a sidecar that restarted more often", { readyFor: 10, sidecarRestarts: 3 }, { readyFor: 10 }],
    ["much younger", { readyFor: 5, age: 10 }, { readyFor: 5, age: 5000 }],
  ])("begins with the one that is %s", (_, first, second) => {
    expect(orderOf([pod("b", second), pod("a", first)])).toEqual(["a", "b"]);
    expect(orderOf([pod("z", first), pod("b", second)])).toEqual(["z", "b"]);
  });

  it("begins where most of them are", () => {
    const pods = [pod("a", { node: "n1", readyFor: 1 }), pod("b", { node: "n2", readyFor: 9000 })];
    expect(orderOf(pods, (node) => (node === "n2" ? 4 : 1))).toEqual(["b", "a"]);
  });

  it("takes times of one order of magnitude as alike", () => {
    expect(orderOf([pod("b", { readyFor: 600 }), pod("a", { readyFor: 700 })])).toEqual(["a", "b"]);
  });
});

describe("a plan", () => {
  const traits = fc.record({
    node: fc.constantFrom("", "n1", "n2"),
    phase: fc.constantFrom("Pending", "Running"),
    readyFor: fc.option(fc.nat(10_000), { nil: undefined }),
    age: fc.nat(10_000),
  });
  const pods = fc
    .array(traits, { maxLength: 40 })
    .map((list) =>
      list.map(({ readyFor, ...others }, at) =>
        pod(`p${at}`, { ...others, ...(readyFor === undefined ? {} : { readyFor }) }),
      ),
    );

  it("makes the number right, and takes no ready pod as long as there are others", () => {
    fc.assert(
      fc.property(fc.nat(60), pods, (wanted, active) => {
        const steps = plan(wanted, active, { neighbours: () => 1, now });
        const created = "create" in steps ? steps.create : 0;
        const deleted = "delete" in steps ? steps.delete : [];
        expect(active.length + created - deleted.length).toBe(wanted);
        const left = active.filter((one) => !deleted.includes(one));
        const isWorking = (one: (typeof deleted)[number]): boolean =>
          isPodReady(one) && one.spec?.nodeName !== undefined && one.status?.phase === "Running";
        if (deleted.some(isWorking)) expect(left.every(isWorking)).toBe(true);
      }),
    );
  });

  it("does not do more than 500 things at once", () => {
    const many = Array.from({ length: 1200 }, (_, at) => pod(`p${at}`));
    expect(plan(2000, [], { neighbours: () => 1, now })).toEqual({ create: 500 });
    const steps = plan(0, many, { neighbours: () => 1, now });
    expect("delete" in steps && steps.delete).toHaveLength(500);
  });
});
