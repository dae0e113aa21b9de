/**
 * Runs `x-kubernetes-validations`, each rule where its schema meets a value.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 */
import { type CelBudget, CelBudgetError, CelError, type CelInput, type CelProgram } from "../../cel/cel.ts";
import { deepEqual } from "../../machinery/equal.ts";
import type { FieldError } from "../../machinery/field-error.ts";
import { forbidden, required } from "../../machinery/findings.ts";
import { getOwn, isObject } from "../../machinery/members.ts";
import type { DeepReadonly, Json, JsonObject } from "../../machinery/object.ts";
import type { RuleChecker } from "./codec.ts";
import { childPath, fieldOf } from "./findings.ts";
import { type CelEnvironmentFactory, type CompiledRule, compileRules } from "./rule-program.ts";
import { memberSchema, type Structural, type ValidationRule } from "./structural.ts";
import { correlate } from "./validate.ts";

type Value = DeepReadonly<Json>;

/** Cost units for all rules of one object. */
export const objectCostBudget = 10_000_000;
/** In bytes. */
const longestMessage = 5 * 1024;

export interface RuleCheckerOptions {
  /** The whole is an object of the API. */
  readonly isResource?: boolean;
  /** What is as it was is forgiven. */
  readonly ratchets?: boolean;
}

/** Rules are compiled when a value first meets them. */
export function createRuleChecker(
  schema: Structural,
  environmentOf: CelEnvironmentFactory,
  { isResource = true, ratchets = true }: RuleCheckerOptions = {},
): RuleChecker {
  const known = new WeakMap<Structural, readonly CompiledRule[]>();
  const rulesOf = (part: Structural): readonly CompiledRule[] => {
    let rules = known.get(part);
    if (rules === undefined) {
      rules = compileRules(part, (part === schema && isResource) || part.embedded, environmentOf) ?? [];
      known.set(part, rules);
    }
    return rules;
  };
  return (object, old) => {
    if (!schema.holds.rules) return [];
    const walk: Walk = { rulesOf, findings: [], budget: { remaining: objectCostBudget }, isOver: false, ratchets };
    visit(
      { value: object, old, path: "", unchanged: old === undefined ? never : () => deepEqual(object, old) },
      schema,
      walk,
    );
    return walk.findings;
  };
}

interface Walk {
  readonly rulesOf: (schema: Structural) => readonly CompiledRule[];
  readonly findings: FieldError[];
  readonly budget: CelBudget;
  /** The budget is used up: nothing more is run. */
  isOver: boolean;
  readonly ratchets: boolean;
}

interface Place {
  readonly value: Value;
  /** What stood here before, where that can be told. */
  readonly old: Value | undefined;
  readonly path: string;
  /** Whether this, or the closest thing around it that can be told apart, is as it was. */
  readonly unchanged: () => boolean;
}

function never(): boolean {
  return false;
}

function visit(place: Place, schema: Structural, walk: Walk): void {
  const { value, path } = place;
  if (value === null || walk.isOver || !schema.holds.rules) return;
  if (schema.rules !== undefined)
    for (const rule of walk.rulesOf(schema)) if (!walk.isOver) run(rule, place, schema.type, walk);
  if (Array.isArray(value)) visitItems(value, place, schema, walk);
  else if (isObject(value)) {
    for (const [name, item] of Object.entries(value as JsonObject)) {
      const member = memberSchema(schema, name);
      if (member === undefined || item === undefined) continue;
      const isProperty = schema.properties?.has(name) === true;
      const here = isProperty ? childPath(path, name) : `${path}[${name}]`;
      visit(memberPlace(place, name, item, here), member, walk);
    }
  }
}

function visitItems(value: readonly Value[], place: Place, schema: Structural, walk: Walk): void {
  if (schema.items === undefined) return;
  const oldItem = correlate(schema, place.old);
  for (const [index, item] of value.entries()) {
    const old = oldItem(item);
    const unchanged = old === undefined ? place.unchanged : () => deepEqual(item, old);
    visit({ value: item, old, path: `${place.path}[${index}]`, unchanged }, schema.items, walk);
  }
}

function memberPlace(
  { old: around, path: from, unchanged: outer }: Place,
  name: string,
  value: Value,
  path: string,
): Place {
  const old = isObject(around) ? getOwn(around as JsonObject, name) : undefined;
  // Versions differ in them, and both objects are seen in one.
  if (from === "" && (name === "apiVersion" || name === "kind")) return { value, old, path, unchanged: never };
  if (old !== undefined) return { value, old, path, unchanged: () => deepEqual(value, old) };
  return { value, old, path, unchanged: isObject(around) ? never : outer };
}

function run(compiled: CompiledRule, place: Place, type: string, walk: Walk): void {
  const { rule, program, problem, usesOldSelf } = compiled;
  const { value, old } = place;
  if (problem !== undefined) {
    walk.findings.push(invalid(place.path, type, `rule compile error: ${problem}`));
    return;
  }
  // Transition rules need two values, unless they can do with one.
  if (program === undefined || (usesOldSelf && old === undefined && rule.optionalOldSelf !== true)) return;
  const variables: Record<string, CelInput> = { self: value, oldSelf: old };
  const result = evaluate(program, variables, walk.budget);
  if ("value" in result && result.value === true) return;
  if ("error" in result) {
    const stopped = result.error instanceof CelBudgetError;
    if (stopped) walk.isOver = true;
    walk.findings.push(invalid(place.path, type, evaluationProblem(result.error, rule)));
    return;
  }
  const finding = explain(compiled, place, type, variables, walk);
  if (usesOldSelf || !walk.ratchets || !place.unchanged()) walk.findings.push(finding);
}

type Evaluated = { readonly value: unknown } | { readonly error: CelError };

function evaluate(program: CelProgram, variables: Readonly<Record<string, CelInput>>, budget: CelBudget): Evaluated {
  try {
    return { value: program.evaluate(variables, budget) };
  } catch (thrown) {
    if (thrown instanceof CelError) return { error: thrown };
    throw thrown;
  }
}

function evaluationProblem(error: CelError, rule: ValidationRule): string {
  const name = ruleText(rule);
  if (error instanceof CelBudgetError)
    return error.limit === "budget"
      ? "validation failed due to running out of cost budget, no further validation rules will be run"
      : `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${name}`;
  if (error.message.startsWith("no such overload"))
    return `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${name}`;
  return `${error.message} evaluating rule: ${name}`;
}

/** The finding for a rule that was broken. Making its message may use up the budget. */
function explain(
  { rule, message, fieldPath }: CompiledRule,
  { path, value }: Place,
  type: string,
  variables: Readonly<Record<string, CelInput>>,
  walk: Walk,
): FieldError {
  const field = fieldPath === undefined ? path : path === "" ? fieldPath : `${path}.${fieldPath}`;
  const made = message && evaluate(message, variables, walk.budget);
  if (made !== undefined && "error" in made && made.error instanceof CelBudgetError) {
    walk.isOver = true;
    const detail =
      made.error.limit === "budget"
        ? "messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run"
        : `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${JSON.stringify(rule.messageExpression)}`;
    return invalid(field, type, detail);
  }
  const detail = (made && "value" in made ? usableMessage(made.value) : undefined) ?? plainMessage(rule);
  return findingFor(rule.reason, field, value, detail);
}

/** One line, not empty, not endless. */
function usableMessage(made: unknown): string | undefined {
  const text = typeof made === "string" ? made.trim() : "";
  return text === "" || text.includes("\n") || Buffer.byteLength(text) > longestMessage ? undefined : text;
}

function plainMessage(rule: ValidationRule): string {
  return (rule.message ?? "") === "" ? `failed rule: ${ruleText(rule)}` : ruleText(rule);
}

function ruleText({ rule, message = "" }: ValidationRule): string {
  return (message === "" ? rule : message).trim();
}

function findingFor(reason: string | undefined, path: string, value: Value, detail: string): FieldError {
  const field = fieldOf(path);
  switch (reason) {
    case "FieldValueForbidden":
      return forbidden(field, detail);
    case "FieldValueRequired":
      return required(field, detail);
    case "FieldValueDuplicate":
      return { type: "Duplicate", field, ...shown(value), detail: "" };
    default:
      return invalid(path, value, detail);
  }
}

function invalid(path: string, value: Value, detail: string): FieldError {
  return { type: "Invalid", field: fieldOf(path), ...shown(value), detail };
}

/** Objects and lists would drown the message. */
function shown(value: Value): { value?: Value } {
  return typeof value === "object" ? {} : { value };
}
