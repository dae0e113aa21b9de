import type { Value } from "../values/value.ts";

/** The syntax tree: macros are expanded, operators are calls such as `_+_`. `at` is the offset that messages point to. */
export type Expression =
  | Literal
  | Identifier
  | Select
  | Call
  | ListLiteral
  | MapLiteral
  | StructLiteral
  | Comprehension;

interface Literal {
  readonly kind: "literal";
  readonly at: number;
  readonly value: Value;
}

export interface Identifier {
  readonly kind: "identifier";
  readonly at: number;
  readonly name: string;
}

export interface Select {
  readonly kind: "select";
  readonly at: number;
  readonly operand: Expression;
  readonly field: string;
  /** `has(operand.field)` */
  readonly test: boolean;
}

export interface Call {
  readonly kind: "call";
  readonly at: number;
  readonly function: string;
  readonly target: Expression | undefined;
  readonly args: readonly Expression[];
}

export interface Item {
  readonly value: Expression;
  /** `[?value]` */
  readonly optional: boolean;
}

export interface ListLiteral {
  readonly kind: "list";
  readonly at: number;
  readonly items: readonly Item[];
}

export interface Entry extends Item {
  readonly key: Expression;
}

export interface MapLiteral {
  readonly kind: "map";
  readonly at: number;
  readonly entries: readonly Entry[];
}

export interface StructField extends Item {
  readonly at: number;
  readonly name: string;
}

export interface StructLiteral {
  readonly kind: "struct";
  readonly at: number;
  readonly name: string;
  readonly fields: readonly StructField[];
}

/** What every macro that loops becomes: https://github.com/google/cel-spec/blob/master/doc/langdef.md#macros */
export interface Comprehension {
  readonly kind: "comprehension";
  readonly at: number;
  readonly range: Expression;
  /** The item of a list or the key of a map; with two names, index or key and then value. */
  readonly variables: readonly [string] | readonly [string, string];
  /** What the loop carries: a name of its own, or the bound name of `optMap`. */
  readonly accumulator: string;
  readonly initial: Expression;
  readonly condition: Expression;
  readonly step: Expression;
  readonly result: Expression;
}

/** No identifier that can be written. */
export const accumulator = "@result";

/** `a.b.c` as the dotted name that it may be. */
export function dottedName(expression: Expression): string | undefined {
  if (expression.kind === "identifier") return expression.name;
  if (expression.kind !== "select" || expression.test) return undefined;
  const operand = dottedName(expression.operand);
  return operand === undefined ? undefined : `${operand}.${expression.field}`;
}
