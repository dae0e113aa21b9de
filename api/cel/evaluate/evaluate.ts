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
    slots: Array<undefined>(slots),
    cost: 0,
    limit: Math.min(remaining, expressionLimit),
    limitedBy: remaining < expressionLimit ? "budget" : "expression",
    made: 0,
  };
  // An error is an ordinary outcome, also of each item of a loop: to tell where in our code it was made takes long.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return step(frame);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    budget.remaining =
      typeof budget.remaining === "bigint" ? budget.remaining - BigInt(frame.cost) : remaining - frame.cost;
  }
}
