import { CelBudgetError, CelError, type CelProgram } from "../../../api/cel/cel.ts";
import { aggregate } from "../forbid.ts";
import { whenDecided } from "../pending-decision.ts";
import { undecided } from "./refusal.ts";
import { requestFields, type Shown } from "./review.ts";
import type { ConditionSupport, Webhook } from "./webhook.ts";

/** For all conditions of one webhook together, in CEL's cost units. */
const budgetOfConditions = 2_500_000;

/**
 * Whether all conditions hold. One that is false keeps the webhook out of it, whatever became of the others; one that
 * fails does so too where failures are ignored, else the request is refused. Throws ApiError.
 */
export function conditionsMatch(webhook: Webhook, shown: Shown, support: ConditionSupport): boolean | Promise<boolean> {
  if ((webhook.hook.matchConditions ?? []).length === 0) return true;
  const variables = {
    object: shown.object ?? null,
    oldObject: shown.old ?? null,
    request: requestFields(shown),
    ...support.variables(shown.request),
  };
  return whenDecided(() => evaluateAll(webhook, shown, variables));
}

type Variables = Parameters<CelProgram["evaluate"]>[0];

function evaluateAll(webhook: Webhook, shown: Shown, variables: Variables): boolean {
  const failures: string[] = [];
  const isFalse = evaluate(webhook, variables, failures);
  if (isFalse) return false;
  if (failures.length === 0) return true;
  if (webhook.hook.failurePolicy === "Ignore") return false;
  throw undecided(shown.request, aggregate(failures));
}

/** Whether one of them is false. */
function evaluate(webhook: Webhook, variables: Variables, failures: string[]): boolean {
  const budget = { remaining: budgetOfConditions };
  for (const program of compiled(webhook, failures)) {
    try {
      if (program.evaluate(variables, budget) !== true) return true;
    } catch (thrown) {
      if (!(thrown instanceof CelError)) throw thrown;
      if (thrown instanceof CelBudgetError && thrown.limit === "budget") {
        failures.push("validation failed due to running out of cost budget, no further validation rules will be run");
        return false;
      }
      failures.push(`expression '${program.text}' resulted in error: ${thrown.message}`);
    }
  }
  return false;
}

function compiled(webhook: Webhook, failures: string[]): readonly CelProgram[] {
  try {
    return webhook.conditions();
  } catch (thrown) {
    if (!(thrown instanceof CelError)) throw thrown;
    failures.push(`compilation error: ${thrown.message}`);
    return [];
  }
}
