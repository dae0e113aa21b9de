import type { Overload } from "../library/overload.ts";
import type { Call, Expression } from "../syntax/expression.ts";
import type { Type } from "../types/type.ts";
import type { TypeValue } from "../values/value.ts";

/** A call whose function is known. */
export interface ResolvedCall {
  /** With its namespace. */
  readonly name: string;
  /** The target first, where the function is a member. */
  readonly args: readonly Expression[];
  /** Those that the types of the arguments allow; more than one where they are dyn. */
  readonly overloads: readonly Overload[];
  readonly member: boolean;
}

/** What the checker has found out about an expression. */
export interface Checked {
  readonly root: Expression;
  readonly types: ReadonlyMap<Expression, Type>;
  readonly calls: ReadonlyMap<Call, ResolvedCall>;
  /** Names, also dotted ones, that stand for a type. */
  readonly typeNames: ReadonlyMap<Expression, TypeValue>;
  /** Of the environment, that the expression names. */
  readonly variables: ReadonlySet<string>;
}
