import type { Expression } from "../../../api/cel/syntax/expression.ts";

/** Whether an expression looks at a claim by its name: `claims.email`, or `claims.?email`. */
export function usesClaim(expression: Expression | undefined, claim: string): boolean {
  if (expression === undefined) return false;
  const anyOf = (...parts: readonly (Expression | undefined)[]): boolean =>
    parts.some((part) => usesClaim(part, claim));
  switch (expression.kind) {
    case "literal":
    case "identifier":
      return false;
    case "select":
      return (isClaims(expression.operand) && expression.field === claim) || anyOf(expression.operand);
    case "call": {
      const [operand, field] = expression.args;
      const isOptional = expression.function === "_?._" && operand !== undefined && isClaims(operand);
      if (isOptional && field?.kind === "literal" && field.value === claim) return true;
      return anyOf(expression.target, ...expression.args);
    }
    case "list":
      return anyOf(...expression.items.map(({ value }) => value));
    case "map":
      return anyOf(...expression.entries.flatMap(({ key, value }) => [key, value]));
    case "struct":
      return anyOf(...expression.fields.map(({ value }) => value));
    case "comprehension":
      return anyOf(expression.range, expression.initial, expression.condition, expression.step, expression.result);
  }
}

function isClaims(expression: Expression): boolean {
  return expression.kind === "identifier" && expression.name === "claims";
}
