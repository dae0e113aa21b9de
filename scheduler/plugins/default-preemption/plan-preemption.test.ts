import { describe, expect, it } from "vitest";
import type { Pod } from "../../../api/generated/types/core-v1.ts";
import type { PodDisruptionBudget } from "../../../api/generated/types/policy-v1.ts";
import type { Plugin } from "../../framework/plugin.ts";
import { findFeasibleNodes } from "../../framework/feasible-nodes.ts";
import type { Snapshot } from "../../framework/snapshot.ts";
import { cycleOf, listers, node, noneNominated, pod, snapshotOf } from "../../framework/stage.testing.ts";
import { defaultArgs } from "../args.ts";
import { createInterPodAffinity } from "../inter-pod-affinity/inter-pod-affinity.ts";
import { createNodeAffinity } from "../node-affinity.ts";
import { createNodeResourcesFit } from "../node-resources-fit.ts";
import { planPreemption, type PreemptionPlan } from "./plan-preemption.ts";

const plugins: readonly Plugin[] = [
  createNodeAffinity({}),
  createNodeResourcesFit(defaultArgs.NodeResourcesFit),
  createInterPodAffinity(defaultArgs.InterPodAffinity, listers()),
];
const now = Date.UTC(2026, 0, 2);
const random = { integer: () => 0, uuid: () => "" };

function plan(preemptor: Pod, snapshot: Snapshot, budgets: readonly PodDisruptionBudget[] = []): PreemptionPlan {
  const cycle = cycleOf(plugins, preemptor, snapshot);
  const { feasible, statuses } = findFeasibleNodes(cycle, { nominated: noneNominated, start: 0, enough: 99 });
  expect(feasible).toEqual([]);
  const planned = planPreemption(cycle, statuses, {
    args: defaultArgs.DefaultPreemption,
    budgets,
    nominated: noneNominated,
    random,
    now,
  });
  // Its trials leave no trace.
  expect(findFeasibleNodes(cycle, { nominated: noneNominated, start: 0, enough: 99 }).statuses).toEqual(statuses);
  return planned;
}

function chosen(planned: PreemptionPlan): unknown {
  if (planned.to === "give up") return planned.result.rejected?.reasons[0];
  const { nodeName, victims, violations } = planned.candidate;
  return { nodeName, victims: victims.map(({ name }) => name), ...(violations === 0 ? {} : { violations }) };
}

const preemptor = pod("p", { priority: 100, requests: { cpu: "2" } });
const on = (place: string, name: string, cpu: string, priority: number, more: Parameters<typeof pod>[1] = {}): Pod =>
  pod(name, { node: place, requests: { cpu }, priority, ...more });
const started = (time: string): Pick<NonNullable<Parameters<typeof pod>[1]>, "status"> => ({
  status: { startTime: time },
});
const budget = (app: string, disruptionsAllowed: number): PodDisruptionBudget => ({
  metadata: { name: app, namespace: "default" },
  spec: { selector: { matchLabels: { app } } },
  status: { disruptionsAllowed, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
});

describe("which pods are evicted", () => {
  it("as few as it takes, the least important", () => {
    const snapshot = snapshotOf(
      [node("a")],
      [on("a", "low", "1", 1), on("a", "lower", "2", 0), on("a", "high", "1", 50)],
    );
    expect(chosen(plan(preemptor, snapshot))).toEqual({ nodeName: "a", victims: ["lower"] });
  });

  it("of equals those that started last", () => {
    const snapshot = snapshotOf(
      [node("a")],
      [
        on("a", "young", "2", 0, started("2026-01-01T10:00:00Z")),
        on("a", "old", "2", 0, started("2026-01-01T09:00:00Z")),
      ],
    );
    expect(chosen(plan(preemptor, snapshot))).toEqual({ nodeName: "a", victims: ["young"] });
  });

  it("none whose disruption budget is used up, where others do", () => {
    const labels = { app: "web" };
    const snapshot = snapshotOf([node("a")], [on("a", "guarded", "2", 0, { labels }), on("a", "free", "2", 5)]);
    expect(chosen(plan(preemptor, snapshot, [budget("web", 0)]))).toEqual({ nodeName: "a", victims: ["free"] });
    expect(chosen(plan(preemptor, snapshot, [budget("web", 1)]))).toEqual({ nodeName: "a", victims: ["guarded"] });
    const onlyGuarded = snapshotOf([node("a")], [on("a", "guarded", "3", 0, { labels })]);
    expect(chosen(plan(preemptor, onlyGuarded, [budget("web", 0)]))).toEqual({
      nodeName: "a",
      victims: ["guarded"],
      violations: 1,
    });
  });

  it("a pod that wants this one away", () => {
    const shy = on("a", "shy", "1", 0, {
      spec: {
        priority: 0,
        containers: [],
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "p" } } },
            ],
          },
        },
      },
    });
    const labelled = pod("p", { priority: 100, labels: { app: "p" } });
    expect(chosen(plan(labelled, snapshotOf([node("a")], [shy, on("a", "other", "1", 0)])))).toEqual({
      nodeName: "a",
      victims: ["shy"],
    });
  });
});

describe("the node that is chosen", () => {
  const nodes = [node("a"), node("b")];
  it.each<[string, Pod[], PodDisruptionBudget[], string]>([
    [
      "violates fewer budgets",
      [on("a", "x", "4", 0, { labels: { app: "web" } }), on("b", "y", "4", 9)],
      [budget("web", 0)],
      "b",
    ],
    [
      "has the lower most important victim",
      [on("a", "x", "4", 9), on("b", "y", "2", 5), on("b", "z", "2", 5)],
      [],
      "b",
    ],
    ["has the smaller sum of priorities", [on("a", "x", "4", 5), on("a", "x2", "1", 3), on("b", "y", "4", 5)], [], "b"],
    ["has fewer victims", [on("a", "x", "2500m", -1), on("a", "x2", "1500m", -1), on("b", "y", "4", -1)], [], "b"],
    [
      "has victims that started later",
      [on("a", "x", "4", 0, started("2026-01-01T09:00:00Z")), on("b", "y", "4", 0, started("2026-01-01T10:00:00Z"))],
      [],
      "b",
    ],
    ["is the first of equals", [on("a", "x", "4", 0), on("b", "y", "4", 0)], [], "a"],
  ])("%s", (_, pods, budgets, expected) => {
    const wanting = pod("p", { priority: 100, requests: { cpu: "4" } });
    expect(chosen(plan(wanting, snapshotOf(nodes, pods), budgets))).toMatchObject({ nodeName: expected });
  });
});

describe("no preemption", () => {
  it("where it does not help, and says so for each node", () => {
    const labelled = pod("p", {
      priority: 100,
      requests: { cpu: "2" },
      spec: {
        priority: 100,
        nodeSelector: { x: "y" },
        containers: [{ name: "c", image: "i", resources: { requests: { cpu: "2" } } }],
      },
    });
    const nodes = [node("a"), node("b", { labels: { x: "y" } })];
    const planned = plan(labelled, snapshotOf(nodes, [on("a", "low", "4", 0), on("b", "high", "4", 100)]));
    expect(planned).toMatchObject({ to: "give up", result: { nominatedNodeName: "" } });
    expect(chosen(planned)).toBe(
      "preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.",
    );
  });

  it("where even all victims are too few", () => {
    const snapshot = snapshotOf([node("a")], [on("a", "high", "3", 100), on("a", "low", "1", 0)]);
    expect(chosen(plan(preemptor, snapshot))).toBe("preemption: 0/1 nodes are available: 1 Insufficient cpu.");
  });

  it("by a pod whose policy is Never", () => {
    const polite = pod("p", {
      priority: 100,
      requests: { cpu: "2" },
      spec: {
        preemptionPolicy: "Never",
        priority: 100,
        containers: [{ name: "c", image: "i", resources: { requests: { cpu: "2" } } }],
      },
    });
    const planned = plan(polite, snapshotOf([node("a")], [on("a", "low", "4", 0)]));
    expect(planned).toMatchObject({ result: { nominatedNodeName: undefined } });
    expect(chosen(planned)).toBe("preemption: not eligible due to preemptionPolicy=Never.");
  });

  it("while victims of the last one are on their way out", () => {
    const waiting = pod("p", { priority: 100, requests: { cpu: "2" }, status: { nominatedNodeName: "a" } });
    const leaving = on("a", "low", "4", 0, {
      metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" },
      status: { conditions: [{ type: "DisruptionTarget", status: "True", reason: "PreemptionByScheduler" }] },
    });
    expect(chosen(plan(waiting, snapshotOf([node("a")], [leaving])))).toBe(
      "preemption: not eligible due to a terminating pod on the nominated node.",
    );
  });
});
