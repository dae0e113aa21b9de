import { conditionsHold } from "./conditions.ts";
import { invocationBudget, OutOfBudget, startEvaluation, type Inputs, type Outcome } from "./evaluation.ts";
import type { CompiledValidation, DenyReason, ValidatingPolicy } from "./validating-policy.ts";

/** What one expression says against a request. */
export interface Denial {
  /** The place among the policy's validations. */
  readonly index: number;
  readonly message: string;
  readonly reason: DenyReason;
}

export interface Judgement {
  readonly denials: readonly Denial[];
  readonly annotations: readonly Annotation[];
}

export type Annotation = { readonly key: string } & ({ readonly value: string } | { readonly error: string });

type InputsOf = (options: { readonly authorized: boolean }) => Inputs;

/** Asks one policy about one request, with one object of parameters. */
export function decide(policy: ValidatingPolicy, inputs: InputsOf): Judgement {
  const matched = conditionsHold(policy, () => inputs({ authorized: true }));
  if (matched === false) return { denials: [], annotations: [] };
  if (matched !== true) return failed(policy, matched.problem);
  try {
    return { denials: validate(policy, inputs), annotations: annotate(policy, inputs) };
  } catch (thrown) {
    if (thrown instanceof OutOfBudget) return failed(policy, thrown.message);
    throw thrown;
  }
}

function failed({ failsOpen }: ValidatingPolicy, message: string): Judgement {
  return { denials: failsOpen ? [] : [{ index: 0, message, reason: "Invalid" }], annotations: [] };
}

function validate(policy: ValidatingPolicy, inputs: InputsOf): readonly Denial[] {
  const { validations, variables, failsOpen } = policy;
  if (validations.length === 0) return [];
  const budget = { remaining: invocationBudget };
  const evaluate = startEvaluation(variables, inputs({ authorized: true }), budget);
  const outcomes = validations.map(({ check }) => evaluate(check));
  // Messages are composed where one is needed.
  if (outcomes.every((outcome) => "value" in outcome && outcome.value === true)) return [];
  const messages = compose(policy, inputs, budget);
  return outcomes.flatMap((outcome, index): Denial[] => {
    const validation = validations[index];
    const error = "error" in outcome ? outcome.error : messages.problem;
    if (error !== undefined) return failsOpen ? [] : [{ index, message: error, reason: "Invalid" }];
    if (validation === undefined || !("value" in outcome) || outcome.value === true) return [];
    return [{ index, message: messageOf(validation, messages.composed[index]), reason: validation.reason }];
  });
}

interface Messages {
  readonly composed: readonly (Outcome | undefined)[];
  /** Why there are none. */
  readonly problem?: string;
}

/** With what the validations have left of the budget, and without the authorizer. */
function compose(
  { validations, variables }: ValidatingPolicy,
  inputs: InputsOf,
  budget: { remaining: number },
): Messages {
  const evaluate = startEvaluation(variables, inputs({ authorized: false }), budget);
  try {
    return {
      composed: validations.map(({ messageExpression }) => messageExpression && evaluate(messageExpression)),
    };
  } catch (thrown) {
    if (thrown instanceof OutOfBudget) return { composed: [], problem: `failed messageExpression: ${thrown.message}` };
    throw thrown;
  }
}

const longestMessage = 5 * 1024;

function messageOf({ check, message }: CompiledValidation, composed: Outcome | undefined): string {
  const value = composed !== undefined && "value" in composed ? composed.value : undefined;
  const text = typeof value === "string" ? value.trim() : "";
  const isUsable = text !== "" && Buffer.byteLength(text) <= longestMessage && !text.includes("\n");
  if (isUsable) return text;
  return message.trim() || `failed expression: ${check.text.trim()}`;
}

function annotate({ annotations, variables, failsOpen }: ValidatingPolicy, inputs: InputsOf): readonly Annotation[] {
  if (annotations.length === 0) return [];
  const evaluate = startEvaluation(variables, inputs({ authorized: false }), { remaining: invocationBudget });
  return annotations.flatMap(({ key, value }): Annotation[] => {
    const outcome = evaluate(value);
    if ("error" in outcome) return failsOpen ? [] : [{ key, error: outcome.error }];
    // Upstream's other choice, null, tells nothing.
    const text = typeof outcome.value === "string" ? outcome.value.trim() : "";
    return text === "" ? [] : [{ key, value: text }];
  });
}
