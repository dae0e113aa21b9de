import {
  CelError,
  CelProgramError,
  type CelBudget,
  type CelEnvironment,
  type CelInput,
  type CelProgram,
  type CelType,
} from "./cel.ts";
import type { Checked } from "./check/checked.ts";
import { check } from "./check/checker.ts";
import { formatIssues } from "./check/format-arguments.ts";
import { mixedLiterals } from "./check/homogeneous.ts";
import { literalIssues, requirePatterns } from "./check/validators.ts";
import { estimateCost } from "./cost/estimate.ts";
import { evaluate } from "./evaluate/evaluate.ts";
import { planRoot } from "./evaluate/plan.ts";
import type { Step } from "./evaluate/frame.ts";
import { baseFunctions, mutationFunctions } from "./library/all.ts";
import { mutationStruct } from "./library/mutations.ts";
import { issuesError, type Issue } from "./syntax/issues.ts";
import { parse } from "./syntax/parser.ts";
import { declaredType, dynType, isDyn, typeText } from "./types/type.ts";

export interface CelEnvironmentOptions {
  /** By name; an input that is missing fails when it is read, unless its type is optional. */
  readonly variables: Readonly<Record<string, CelType>>;
  /** `mutation`: `Object{…}`, `JSONPatch{…}` and `jsonpatch.escapeKey`. */
  readonly libraries?: readonly "mutation"[];
}

/** Kubernetes 1.36's CEL with these variables. Cheap to make: functions are shared. */
export function createCelEnvironment({ variables, libraries = [] }: CelEnvironmentOptions): CelEnvironment {
  const mutation = libraries.includes("mutation");
  const declared = new Map(Object.entries(variables));
  const declarations = {
    variables: declared,
    functions: mutation ? mutationFunctions : baseFunctions,
    structs: (name: string) => (mutation ? mutationStruct(name) : undefined),
  };
  return {
    compile(text, options) {
      const issues: Issue[] = [];
      const checked = check(parse(text), declarations, issues);
      if (issues.length === 0)
        issues.push(...literalIssues(checked), ...formatIssues(checked), ...mixedLiterals(checked));
      if (issues.length > 0) throw issuesError(text, issues);
      const returns = declaredType(checked.types.get(checked.root) ?? dynType);
      requireResult(returns, options?.returns);
      return program(text, returns, checked, declared);
    },
  };
}

function requireResult(returns: CelType, allowed: readonly CelType[] | undefined): void {
  if (allowed === undefined || allowed.some((type) => isDyn(type) || typeText(type) === typeText(returns))) return;
  const [only] = allowed;
  const texts = allowed.map((type) => typeText(type));
  throw new CelError(
    allowed.length === 1 && only !== undefined
      ? `must evaluate to ${texts[0]}`
      : `must evaluate to one of [${texts.join(" ")}]`,
  );
}

function program(
  text: string,
  returns: CelType,
  checked: Checked,
  variables: ReadonlyMap<string, CelType>,
): CelProgram {
  const slots = { count: 0 };
  const step = planProgram(checked, variables, slots);
  let estimated: number | undefined;
  return {
    text,
    returns,
    variables: checked.variables,
    estimatedCost: () => (estimated ??= estimateCost(checked, variables).max),
    evaluate: (inputs: Readonly<Record<string, CelInput>>, budget: CelBudget) =>
      evaluate(step, slots.count, inputs, budget),
  };
}

/** Conversions of literals are made here. */
function planProgram(checked: Checked, variables: ReadonlyMap<string, CelType>, slots: { count: number }): Step {
  try {
    requirePatterns(checked);
    return planRoot(checked, variables, slots);
  } catch (thrown) {
    if (thrown instanceof CelError) throw new CelProgramError(thrown.message, { cause: thrown });
    throw thrown;
  }
}
