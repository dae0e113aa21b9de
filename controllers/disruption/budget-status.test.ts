import { describe, expect, it } from "vitest";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { PodDisruptionBudgetSpec } from "../../api/generated/types/policy-v1.ts";
import { desiredHealthyOf, disruptedOf, failedStatus, healthyCount, statusOf } from "./budget-status.ts";
import { shownSelector } from "../shown-selector.ts";

const now = Date.UTC(2026, 0, 2);
const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString().replace(".000", "");
const pod = (name: string, isReady: boolean, deletionTimestamp?: string): Pod => ({
  metadata: { name, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
  status: { conditions: [{ type: "Ready", status: isReady ? "True" : "False" }] },
});

describe("the healthy pods that a budget wants", () => {
  it.each<[PodDisruptionBudgetSpec, number, number]>([
    [{ minAvailable: 3 }, 2, 3],
    [{ minAvailable: "30%" }, 10, 3],
    [{ minAvailable: "30%" }, 11, 4],
    [{ minAvailable: "100%" }, 7, 7],
    [{ maxUnavailable: 2 }, 7, 5],
    [{ maxUnavailable: 9 }, 7, 0],
    [{ maxUnavailable: "30%" }, 11, 7],
    [{}, 5, 0],
  ])("%j of %i are %i", (spec, expected, wanted) => {
    expect(desiredHealthyOf(spec, expected)).toBe(wanted);
  });
});

describe("pods that were evicted", () => {
  const status = { disruptedPods: { a: ago(10), b: ago(130), c: ago(5), gone: ago(1), constructor: ago(1) } };
  const pods = [
    pod("a", true),
    pod("b", true),
    pod("c", true, ago(1)),
    pod("d", true),
    pod("e", false),
    pod("toString", true),
  ];
  const disrupted = disruptedOf(status, pods, now);

  it("are remembered until they are on their way out, or should have been", () => {
    expect(disrupted.pods).toEqual({ a: ago(10) });
    expect(disrupted.overdue.map(({ metadata }) => metadata?.name)).toEqual(["b"]);
    expect(disrupted.recheckAt).toBe(now + 110_000);
  });

  it("do not count as healthy", () => {
    expect(healthyCount(pods, disrupted, now)).toBe(3);
  });
});

describe("a budget's status", () => {
  const budget = { metadata: { generation: 2 } };

  it("allows what is healthy beyond what is wanted, and nothing where no pods are expected", () => {
    const allowed = (currentHealthy: number, desiredHealthy: number, expectedPods: number): number | undefined =>
      statusOf(budget, { currentHealthy, desiredHealthy, expectedPods }, {}, now).disruptionsAllowed;
    expect([allowed(3, 1, 3), allowed(1, 2, 3), allowed(3, 0, 0)]).toEqual([2, 0, 0]);
  });

  it("keeps the time of a condition that stays", () => {
    const before = statusOf(budget, { currentHealthy: 1, desiredHealthy: 0, expectedPods: 1 }, {}, now);
    const after = statusOf(
      { ...budget, status: before },
      { currentHealthy: 2, desiredHealthy: 0, expectedPods: 2 },
      {},
      now + 5000,
    );
    expect(after.conditions).toEqual(before.conditions);
    const failed = failedStatus({ ...budget, status: after }, "no", now + 9000);
    expect(failed).toMatchObject({ disruptionsAllowed: 0, currentHealthy: 2 });
    expect(failed.conditions).toMatchObject([
      { status: "False", reason: "SyncFailed", message: "no", lastTransitionTime: ago(-9) },
    ]);
  });
});

it("a selector is shown as Go prints it", () => {
  const selector = {
    matchLabels: { b: "2", a: "1" },
    matchExpressions: [{ key: "c", operator: "In", values: ["x", "y"] }],
  };
  expect(shownSelector(selector)).toBe(
    "&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:c,Operator:In,Values:[x y],},},}",
  );
});
