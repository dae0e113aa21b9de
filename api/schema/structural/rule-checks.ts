/**
 * Validation rules when a definition is written: their texts, their types, and what they may cost.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#resource-use-by-validation-functions
 */
import type { FieldError } from "../../machinery/field-error.ts";
import { bad, forbidden, required } from "../../machinery/findings.ts";
import { getOwn } from "../../machinery/members.ts";
import { describe, maxRequestSize } from "./cel-type.ts";
import { notOneOf } from "./findings.ts";
import { parseStructural, type SchemaPool, type SchemaProps } from "./parse.ts";
import { normalizeFieldPath } from "./rule-field-path.ts";
import { type CelEnvironmentFactory, type CompiledRule, compileRules } from "./rule-program.ts";
import { additionalOf, isReadable, itemsOf } from "./schema-props.ts";
import type { Structural, ValidationRule } from "./structural.ts";

/** In cost units: of one rule, wherever it applies, and of all rules of a version. */
const ruleCostLimit = 10_000_000;
const schemaCostLimit = 100_000_000;
/** So many of the expensive ones are named when all together are too expensive: none below a hundredth of the limit. */
const mostNamed = 4;
const leastNamed = schemaCostLimit / 100;

const reasons = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];
const rulesName = "x-kubernetes-validations";

/** What can be said without compiling. */
export function checkRuleTexts(schema: SchemaProps, path: string, pool: SchemaPool): FieldError[] {
  const rules = schema[rulesName] ?? [];
  const structural = rules.length > 0 && isReadable(schema) ? () => parseStructural(schema, pool) : undefined;
  return rules.flatMap((rule, index) => checkRuleText(rule, structural, `${path}.${rulesName}[${index}]`));
}

function checkRuleText(
  given: Partial<ValidationRule>,
  schema: (() => Structural) | undefined,
  path: string,
): FieldError[] {
  const { messageExpression = "", reason } = given;
  const findings = checkMessage(given, path);
  if (messageExpression !== "" && messageExpression.trim() === "")
    findings.push(required(`${path}.messageExpression`, "messageExpression must be non-empty if specified"));
  if (reason !== undefined && !reasons.includes(reason)) findings.push(notOneOf(`${path}.reason`, reason, reasons));
  return [...findings, ...checkFieldPath(given.fieldPath ?? "", schema, `${path}.fieldPath`)];
}

function checkMessage({ rule = "", message = "" }: Partial<ValidationRule>, path: string): FieldError[] {
  if (rule.trim() === "") return [required(`${path}.rule`, "rule is not specified")];
  const field = `${path}.message`;
  const text = message.trim();
  if (message !== "" && text === "") return [bad(field, message, "must be non-empty if specified")];
  if (text.includes("\n")) return [bad(field, message, "must not contain line breaks")];
  if (rule.trim().includes("\n") && text === "")
    return [required(field, "message must be specified if rule contains line breaks")];
  return [];
}

function checkFieldPath(fieldPath: string, schema: (() => Structural) | undefined, field: string): FieldError[] {
  if (fieldPath === "") return [];
  const findings: FieldError[] = [];
  if (fieldPath.trim() === "") findings.push(bad(field, fieldPath, "must be non-empty if specified"));
  if (fieldPath.includes("\n")) findings.push(bad(field, fieldPath, "must not contain line breaks"));
  if (schema !== undefined && "problem" in normalizeFieldPath(fieldPath, schema()))
    findings.push(bad(field, fieldPath, "must be a valid path"));
  return findings;
}

/** Where rules stand: how often their value can occur in an object. */
export interface RuleContext {
  readonly pool: SchemaPool;
  readonly environmentOf: CelEnvironmentFactory;
  readonly costs: RuleCosts;
  readonly isResource: boolean;
  /** Undefined: as often as a request has room. */
  readonly times: number | undefined;
  property(schema: SchemaProps, name: string): RuleContext;
  additional(schema: SchemaProps): RuleContext;
  items(schema: SchemaProps): RuleContext;
}

export interface RuleCosts {
  total: number;
  readonly dearest: { readonly path: string; readonly cost: number }[];
}

export function rootRuleContext(pool: SchemaPool, environmentOf: CelEnvironmentFactory): RuleContext {
  const shared = { pool, environmentOf, costs: { total: 0, dearest: [] } };
  return ruleContext(shared, true, 1);
}

function ruleContext(
  shared: Pick<RuleContext, "pool" | "environmentOf" | "costs">,
  isResource: boolean,
  times: number | undefined,
): RuleContext {
  const inner = (part: SchemaProps | undefined, most: number | undefined): RuleContext =>
    ruleContext(
      shared,
      part?.["x-kubernetes-embedded-resource"] === true,
      times === undefined || most === undefined ? undefined : times * Math.max(0, most),
    );
  return {
    ...shared,
    isResource,
    times,
    property: (schema, name) => inner(getOwn(schema.properties ?? {}, name), 1),
    additional: (schema) => inner(additionalOf(schema), schema.maxProperties),
    items: (schema) => inner(itemsOf(schema), schema.maxItems),
  };
}

/** Expects that the schema is structural and has nothing wrong in it. */
export function checkRules(
  schema: SchemaProps,
  path: string,
  context: RuleContext,
  uncorrelatable: string | undefined,
): FieldError[] {
  if ((schema[rulesName] ?? []).length === 0) return [];
  const structural = parseStructural(schema, context.pool);
  const shape = describe(structural, context.isResource, "selfType");
  const compiled = compileRules(structural, context.isResource, context.environmentOf);
  if (shape === undefined || compiled === undefined) {
    const detail =
      "internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations";
    return [{ type: "InternalError", field: `${path}.${rulesName}`, detail }];
  }
  // As many as fit into a request, each with a comma.
  const times = context.times ?? Math.floor(maxRequestSize / (shape.minSize + 1));
  return compiled.flatMap((rule, index) => {
    const field = `${path}.${rulesName}[${index}]`;
    return [
      ...checkCompiled(rule, field),
      ...checkCosts(rule, field, times, context.costs),
      ...checkOldSelf(rule, field, uncorrelatable),
    ];
  });
}

function checkCompiled({ rule, problem, messageProblem }: CompiledRule, path: string): FieldError[] {
  const findings: FieldError[] = [];
  if (problem !== undefined) findings.push(bad(`${path}.rule`, shownRule(rule), problem));
  if (messageProblem !== undefined) findings.push(bad(`${path}.messageExpression`, shownRule(rule), messageProblem));
  return findings;
}

/** As Go prints its struct. */
function shownRule(rule: ValidationRule): Record<string, string | boolean | null> {
  return {
    Rule: rule.rule,
    Message: rule.message ?? "",
    MessageExpression: rule.messageExpression ?? "",
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? "",
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  };
}

function checkCosts({ program, message }: CompiledRule, path: string, times: number, costs: RuleCosts): FieldError[] {
  const findings =
    program === undefined ? [] : checkCost(program.estimatedCost() * times, "rule", `${path}.rule`, costs);
  if (message === undefined) return findings;
  const field = `${path}.messageExpression`;
  return [...findings, ...checkCost(message.estimatedCost(), "messageExpression", field, costs)];
}

function checkOldSelf(
  { rule, problem, usesOldSelf }: CompiledRule,
  path: string,
  uncorrelatable: string | undefined,
): FieldError[] {
  if (usesOldSelf && uncorrelatable !== undefined) {
    const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`;
    return [bad(`${path}.rule`, rule.rule, detail)];
  }
  if (usesOldSelf || problem !== undefined || rule.optionalOldSelf === undefined) return [];
  const detail = "may not be set if oldSelf is not used in rule";
  return [bad(`${path}.optionalOldSelf`, rule.optionalOldSelf, detail)];
}

function checkCost(cost: number, what: string, path: string, costs: RuleCosts): FieldError[] {
  costs.total += cost;
  if (cost >= leastNamed) {
    costs.dearest.push({ path, cost });
    costs.dearest.sort((a, b) => b.cost - a.cost);
    costs.dearest.length = Math.min(costs.dearest.length, mostNamed);
  }
  return cost > ruleCostLimit ? [forbidden(path, excess(`estimated ${what} cost`, cost, ruleCostLimit))] : [];
}

/** Of all rules together. */
export function checkTotalCost({ total, dearest }: RuleCosts, path: string): FieldError[] {
  if (total <= schemaCostLimit) return [];
  const detail = "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
  const what = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema";
  return [...dearest.map((one) => forbidden(one.path, detail)), forbidden(path, excess(what, total, schemaCostLimit))];
}

function excess(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  // A factor of 1.0 would be no news.
  const shown = factor > 100 ? "more than 100x" : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${what} exceeds budget by factor of ${shown} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}
