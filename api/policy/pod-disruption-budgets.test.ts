import { expect, test } from "vitest";
import type { PodDisruptionBudget, PodDisruptionBudgetSpec } from "../generated/types/policy-v1.ts";
import { ago, cellsOf, created, findingsOf } from "../row.testing.ts";
import { podDisruptionBudgets } from "./pod-disruption-budgets.ts";

function budget(spec: PodDisruptionBudgetSpec): PodDisruptionBudget {
  return { metadata: { name: "b", creationTimestamp: ago(10) }, spec };
}

test("shows what must stay and what may go", () => {
  const given: PodDisruptionBudget = {
    ...budget({ minAvailable: "50%" }),
    status: { disruptionsAllowed: 2, currentHealthy: 4, desiredHealthy: 2, expectedPods: 4 },
  };
  expect(cellsOf(podDisruptionBudgets, given)).toEqual({
    Name: "b",
    "Min Available": "50%",
    "Max Unavailable": "N/A",
    "Allowed Disruptions": 2,
    Age: "10s",
  });
});

test("starts without a status of its maker's", () => {
  const given: PodDisruptionBudget = {
    ...budget({}),
    status: { disruptionsAllowed: 9, currentHealthy: 9, desiredHealthy: 0, expectedPods: 9 },
  };
  expect(created(podDisruptionBudgets, given).status?.disruptionsAllowed).toBe(0);
});

test.each<[string, PodDisruptionBudgetSpec, readonly string[]]>([
  ["one bound", { maxUnavailable: 1 }, []],
  ["no bound", {}, []],
  [
    "both bounds",
    { minAvailable: 1, maxUnavailable: 1 },
    ['spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set'],
  ],
  [
    "less than none",
    { minAvailable: -1 },
    ["spec.minAvailable: Invalid value: -1: must be greater than or equal to 0"],
  ],
  [
    "more than all",
    { maxUnavailable: "150%" },
    ['spec.maxUnavailable: Invalid value: "150%": must not be greater than 100%'],
  ],
])("with %s", (_name, spec, expected) => {
  expect(findingsOf(podDisruptionBudgets, budget(spec))).toEqual(expected);
});
