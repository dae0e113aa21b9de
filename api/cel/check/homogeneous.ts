import type { Entry, Expression, Item } from "../syntax/expression.ts";
import type { Issue } from "../syntax/issues.ts";
import { dynType, typeText, type Type } from "../types/type.ts";
import type { Checked } from "./checked.ts";

/** Kubernetes takes no list or map of several types, not even with dyn; what `format` fills in is exempt. */
export function mixedLiterals(checked: Checked): readonly Issue[] {
  const issues: Issue[] = [];
  visit(checked, checked.root, issues);
  return issues;
}

function visit(checked: Checked, expression: Expression, issues: Issue[]): void {
  if (expression.kind === "list") compare(checked, expression.items, "value", issues);
  if (expression.kind === "map") {
    compare(checked, expression.entries, "key", issues);
    compare(checked, expression.entries, "value", issues);
  }
  for (const part of partsOf(expression)) visit(checked, part, issues);
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "select":
      return [expression.operand];
    case "call":
      if (expression.function === "format") return expression.target === undefined ? [] : [expression.target];
      return expression.target === undefined ? expression.args : [expression.target, ...expression.args];
    case "list":
      return expression.items.map(({ value }) => value);
    case "map":
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case "struct":
      return expression.fields.map(({ value }) => value);
    case "comprehension":
      return [expression.range, expression.initial, expression.condition, expression.step, expression.result];
    case "literal":
    case "identifier":
      return [];
  }
}

function compare<Part extends Item & Partial<Entry>>(
  checked: Checked,
  parts: readonly Part[],
  of: "key" | "value",
  issues: Issue[],
): void {
  const [first, ...others] = parts.map((part) => ({ at: part[of]?.at ?? 0, type: partType(checked, part, of) }));
  if (first === undefined) return;
  const wanted = typeText(first.type);
  const other = others.find(({ type }) => typeText(type) !== wanted);
  if (other !== undefined)
    issues.push({ at: other.at, message: `expected type '${wanted}' but found '${typeText(other.type)}'` });
}

function partType(checked: Checked, part: Item & Partial<Entry>, of: "key" | "value"): Type {
  const expression = part[of];
  const type = expression === undefined ? undefined : checked.types.get(expression);
  return (of === "value" && part.optional && type?.type === "optional" ? type.of : type) ?? dynType;
}
