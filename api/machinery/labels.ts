import { describeFieldError, type FieldError } from "./field-error.ts";
import { bad } from "./findings.ts";
import { labelKey, labelValue } from "./names.ts";

export type Labels = Readonly<Record<string, string>>;
export type LabelOperator = "=" | "==" | "!=" | "in" | "notin" | "exists" | "!" | "gt" | "lt";

export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

/** All requirements must hold: none selects everything. */
export interface Selector {
  /** Sorted by key. */
  readonly requirements: readonly LabelRequirement[];
  readonly selects: "matching" | "nothing";
}

export const everything: Selector = { requirements: [], selects: "matching" };
export const nothing: Selector = { requirements: [], selects: "nothing" };

/** A text or an object that is no label selector; the message is upstream's. */
export class SelectorError extends Error {
  override readonly name = "SelectorError";
}

export function matches(selector: Selector, labels: Labels | null | undefined): boolean {
  if (selector.selects === "nothing") return false;
  for (const requirement of selector.requirements) if (!holds(requirement, labels)) return false;
  return true;
}

function holds({ key, operator, values }: LabelRequirement, labels: Labels | null | undefined): boolean {
  const value = labels !== null && labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "=":
    case "==":
    case "in":
      return value !== undefined && values.includes(value);
    case "!=":
    case "notin":
      return value === undefined || !values.includes(value);
    case "exists":
      return value !== undefined;
    case "!":
      return value === undefined;
    case "gt":
    case "lt":
      return value !== undefined && isBeyond(operator, value, values[0] ?? "");
  }
}

function isBeyond(operator: "gt" | "lt", value: string, bound: string): boolean {
  const [number, limit] = [integer(value), integer(bound)];
  if (number === undefined || limit === undefined) return false;
  return operator === "gt" ? number > limit : number < limit;
}

/** As Go's ParseInt: 64 bits, signed. */
function integer(text: string): bigint | undefined {
  if (text.length > 63 || !/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ""));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

export function createSelector(requirements: readonly LabelRequirement[]): Selector {
  if (requirements.length === 0) return everything;
  return {
    requirements: requirements.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)),
    selects: "matching",
  };
}

/** Selects what has all of these labels: Services, ReplicationControllers. */
export function selectorOfMap(labels: Labels | null | undefined): Selector {
  return createSelector(Object.entries(labels ?? {}).map(([key, value]) => ({ key, operator: "=", values: [value] })));
}

/** Throws a SelectorError for what upstream's NewRequirement refuses. */
export function createRequirement(key: string, operator: LabelOperator, values: readonly string[]): LabelRequirement {
  const errors: FieldError[] = [];
  const keyProblems = labelKey(key);
  if (keyProblems.length > 0) errors.push(bad("key", key, keyProblems.join("; ")));
  const count = wrongCount(operator, values.length);
  if (count !== undefined) errors.push(bad("values", values, count));
  values.forEach((value, index) => {
    if ((operator === "gt" || operator === "lt") && integer(value) === undefined) {
      errors.push(bad(`values[${index}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"));
    }
    const problems = labelValue(value);
    if (problems.length > 0) errors.push(bad(`values[${index}][${key}]`, value, problems.join("; ")));
  });
  if (errors.length > 0) throw new SelectorError(aggregate(errors));
  return { key, operator, values };
}

function wrongCount(operator: LabelOperator, count: number): string | undefined {
  switch (operator) {
    case "in":
    case "notin":
      return count === 0 ? "for 'in', 'notin' operators, values set can't be empty" : undefined;
    case "=":
    case "==":
    case "!=":
      return count === 1 ? undefined : "exact-match compatibility requires one single value";
    case "exists":
    case "!":
      return count === 0 ? undefined : "values set must be empty for exists and does not exist";
    case "gt":
    case "lt":
      return count === 1 ? undefined : "for 'Gt', 'Lt' operators, exactly one value is required";
  }
}

function aggregate(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map((error) => `${error.field}: ${describeFieldError(error)}`))];
  return texts.length === 1 ? (texts[0] ?? "") : `[${texts.join(", ")}]`;
}

/** The canonical text: parsing it selects the same. */
export function formatSelector({ requirements }: Selector): string {
  return requirements.map(formatRequirement).join(",");
}

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case "exists":
      return key;
    case "!":
      return `!${key}`;
    case "in":
    case "notin":
      return `${key} ${operator} (${values.toSorted().join(",")})`;
    case "gt":
      return `${key}>${values.join(",")}`;
    case "lt":
      return `${key}<${values.join(",")}`;
    default:
      return `${key}${operator}${values.join(",")}`;
  }
}

/** The label values that a selector demands exactly: what an index by label can answer. */
export function exactMatches({ requirements }: Selector): ReadonlyMap<string, string> {
  const exact = new Map<string, string>();
  for (const { key, operator, values } of requirements) {
    const [value] = values;
    if ((operator === "=" || operator === "==" || operator === "in") && values.length === 1 && value !== undefined)
      exact.set(key, value);
  }
  return exact;
}
