/** Validation rules made ready to run. */
import { CelError, CelProgramError, type CelEnvironment, type CelProgram, type CelType } from "../../cel/cel.ts";
import { celTypeOf } from "./cel-type.ts";
import { normalizeFieldPath } from "./rule-field-path.ts";
import type { Structural, ValidationRule } from "./structural.ts";

/** An environment with Kubernetes's libraries and these variables. */
export type CelEnvironmentFactory = (variables: Readonly<Record<string, CelType>>) => CelEnvironment;

export interface CompiledRule {
  readonly rule: ValidationRule;
  /** Absent: there is nothing to run, or `problem` says why not. */
  readonly program?: CelProgram;
  readonly problem?: string;
  readonly usesOldSelf: boolean;
  readonly message?: CelProgram;
  readonly messageProblem?: string;
  /** Of `fieldPath`, as findings write it: `spec[a-b]`. */
  readonly fieldPath?: string;
}

/** Undefined: no rule can be about such a value. */
export function compileRules(
  schema: Structural,
  isResource: boolean,
  environmentOf: CelEnvironmentFactory,
): readonly CompiledRule[] | undefined {
  const self = celTypeOf(schema, isResource);
  if (self === undefined) return undefined;
  let plain: CelEnvironment | undefined;
  let optional: CelEnvironment | undefined;
  return (schema.rules ?? []).map((rule) => {
    const environment =
      rule.optionalOldSelf === true
        ? (optional ??= environmentOf({ self, oldSelf: { type: "optional", of: self } }))
        : (plain ??= environmentOf({ self, oldSelf: self }));
    return compileRule(rule, schema, environment);
  });
}

function compileRule(rule: ValidationRule, schema: Structural, environment: CelEnvironment): CompiledRule {
  if (rule.rule.trim() === "") return { rule, usesOldSelf: false };
  const compiled = compile(rule.rule, "bool", environment);
  if ("problem" in compiled) {
    const problem = compiled.problem === mismatch ? "cel expression must evaluate to a bool" : compiled.problem;
    return { rule, problem, usesOldSelf: false };
  }
  const { program } = compiled;
  const fieldPath = rule.fieldPath === undefined ? undefined : normalizeFieldPath(rule.fieldPath, schema);
  return {
    rule,
    program,
    usesOldSelf: program.variables.has("oldSelf"),
    ...compileMessage(rule.messageExpression ?? "", environment),
    ...(fieldPath !== undefined && "path" in fieldPath ? { fieldPath: fieldPath.path } : {}),
  };
}

function compileMessage(text: string, environment: CelEnvironment): Pick<CompiledRule, "message" | "messageProblem"> {
  if (text.trim() === "") return {};
  const compiled = compile(text, "string", environment);
  if ("program" in compiled) return { message: compiled.program };
  const { problem } = compiled;
  return {
    messageProblem:
      problem === mismatch ? "messageExpression must evaluate to a string" : `messageExpression ${problem}`,
  };
}

const mismatch = Symbol("another type");

function compile(
  text: string,
  returns: CelType["type"],
  environment: CelEnvironment,
): { readonly program: CelProgram } | { readonly problem: string | typeof mismatch } {
  try {
    const program = environment.compile(text);
    return program.returns.type === returns ? { program } : { problem: mismatch };
  } catch (thrown) {
    if (!(thrown instanceof CelError)) throw thrown;
    const what = thrown instanceof CelProgramError ? "program instantiation" : "compilation";
    return { problem: `${what} failed: ${thrown.message}` };
  }
}
