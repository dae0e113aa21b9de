import type { Compiled } from "../../../api/admissionregistration/policy-compiler.ts";
import { CelBudgetError, CelError, type CelBudget, type CelInput } from "../../../api/cel/cel.ts";
import { ObjectValue } from "../../../api/cel/values/object.ts";
import type { Value } from "../../../api/cel/values/value.ts";
import type { Expression } from "./compiled-policy.ts";

/** Cost units for all that one invocation evaluates, match conditions aside. */
export const invocationBudget = 10_000_000;
/** For the match conditions of one invocation. */
export const conditionBudget = 2_500_000;

/** Nothing more can be evaluated. */
export class OutOfBudget extends Error {
  override readonly name = "OutOfBudget";

  constructor() {
    super("validation failed due to running out of cost budget, no further validation rules will be run");
  }
}

export type Outcome = { readonly value: unknown } | { readonly error: string };

/** Evaluates expressions that have their variables in common. Throws OutOfBudget. */
export type Evaluate = (expression: Expression) => Outcome;

export type Inputs = Record<string, CelInput>;

/** `inputs` is taken over: `variables` is added to it. */
export function startEvaluation(
  variables: ReadonlyMap<string, Compiled>,
  inputs: Inputs,
  budget: CelBudget & { remaining: number },
): Evaluate {
  const composed = new Variables(variables, inputs, budget);
  inputs["variables"] = composed;
  return ({ text, compiled }) => {
    if ("problem" in compiled) return { error: `compilation error: ${compiled.problem}` };
    const own = { remaining: budget.remaining };
    let outcome: Outcome;
    try {
      outcome = { value: compiled.program.evaluate(inputs, own) };
    } catch (thrown) {
      if (!(thrown instanceof CelError)) throw thrown;
      if (thrown instanceof CelBudgetError && thrown.limit === "budget") throw new OutOfBudget();
      outcome = { error: `expression '${text}' resulted in error: ${thrown.message}` };
    }
    const spent = budget.remaining - own.remaining + composed.takeCost();
    if (spent > budget.remaining) throw new OutOfBudget();
    budget.remaining -= spent;
    return outcome;
  };
}

/** `variables`: each is computed when it is first named. */
class Variables extends ObjectValue {
  override readonly typeName = "kubernetes.variables";
  readonly #compiled: ReadonlyMap<string, Compiled>;
  readonly #inputs: Inputs;
  readonly #budget: { readonly remaining: number };
  readonly #known = new Map<string, Value | CelError>();
  #cost = 0;

  constructor(compiled: ReadonlyMap<string, Compiled>, inputs: Inputs, budget: { readonly remaining: number }) {
    super();
    this.#compiled = compiled;
    this.#inputs = inputs;
    this.#budget = budget;
  }

  override get(name: string): Value | undefined {
    const compiled = this.#compiled.get(name);
    if (compiled === undefined) return undefined;
    const known = this.#known.get(name) ?? this.#compute(name, compiled);
    this.#known.set(name, known);
    if (known instanceof CelError) throw known;
    return known;
  }

  override fields(): Iterable<string> {
    return this.#compiled.keys();
  }

  /** Of the variables that were computed since it was last asked. */
  takeCost(): number {
    const cost = this.#cost;
    this.#cost = 0;
    return cost;
  }

  #compute(name: string, compiled: Compiled): Value | CelError {
    const called = `composited variable ${JSON.stringify(name)}`;
    if ("problem" in compiled) return new CelError(`${called} fails to compile: ${compiled.problem}`);
    const available = Math.max(0, this.#budget.remaining - this.#cost);
    const own = { remaining: available };
    try {
      // Programs evaluate to values.
      return compiled.program.evaluate(this.#inputs, own) as Value;
    } catch (thrown) {
      if (!(thrown instanceof CelError)) throw thrown;
      if (thrown instanceof CelBudgetError && thrown.limit === "budget") return thrown;
      return new CelError(`${called} fails to evaluate: ${thrown.message}`, { cause: thrown });
    } finally {
      this.#cost += available - own.remaining;
    }
  }
}
