import { aggregate } from "../forbid.ts";
import type { CompiledPolicy } from "./compiled-policy.ts";
import { conditionBudget, OutOfBudget, startEvaluation, type Inputs } from "./evaluation.ts";

/** Whether a policy's match conditions hold, or why that cannot be told. */
export type Matched = boolean | { readonly problem: string };

/** One that is false decides, whatever became of those before it. */
export function conditionsHold({ conditions, variables, failsOpen }: CompiledPolicy, inputs: () => Inputs): Matched {
  if (conditions.length === 0) return true;
  const evaluate = startEvaluation(variables, inputs(), { remaining: conditionBudget });
  const failures: string[] = [];
  try {
    for (const outcome of conditions.map(evaluate)) {
      if ("error" in outcome) failures.push(outcome.error);
      else if (outcome.value === false) return false;
    }
  } catch (thrown) {
    if (!(thrown instanceof OutOfBudget)) throw thrown;
    failures.splice(0, failures.length, thrown.message);
  }
  if (failures.length === 0) return true;
  return failsOpen ? false : { problem: aggregate(failures) };
}
