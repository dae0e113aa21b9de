import type { CelBudget, CelInput } from "../cel.ts";
import type { Value } from "../values/value.ts";
import type { Frame, Step } from "./frame.ts";

/** Upstream's bound for one expression, whatever the budget. */
const expressionLimit = 1_000_000;

/** Takes what it has cost from the budget, also when it fails. */
export function evaluate(
  step: Step,
  slots: number,
  inputs: Readonly<Record<string, CelInput>>,
  budget: CelBudget,
): Value {
  const remaining = Number(budget.remaining);
  const frame: Frame = {
    inputs,
    slots: Array<undefined>(slots).fill(undefined),
    cost: 0,
    limit: Math.min(remaining, expressionLimit),
    limitedBy: remaining < expressionLimit ? "budget" : "expression",
    made: 0,
  };
  try {
    return step(frame);
  } finally {
    budget.remaining =
      typeof budget.remaining === "bigint" ? budget.remaining - BigInt(frame.cost) : remaining - frame.cost;
  }
}
