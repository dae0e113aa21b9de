import type { CelType } from "../cel.ts";
import type { FunctionTable } from "../library/overload.ts";
import type { Call, Expression } from "../syntax/expression.ts";
import type { Issue } from "../syntax/issues.ts";
import { assignable, resolve, substitute, type Substitution } from "../types/substitution.ts";
import { dynType, errorType, isDyn, optionalOf, parameter, typeText, type Type } from "../types/type.ts";
import type { TypeValue } from "../values/value.ts";
import type { ResolvedCall } from "./checked.ts";

export interface Declarations {
  readonly variables: ReadonlyMap<string, CelType>;
  readonly functions: FunctionTable;
  /** What `Name{…}` makes; undefined: no such type. */
  readonly structs: (name: string) => Type | undefined;
}

export interface Scope {
  readonly name: string;
  readonly type: Type;
  readonly outer: Scope | undefined;
}

/** The state of one check. */
export interface Check {
  readonly declarations: Declarations;
  readonly issues: Issue[];
  readonly substitution: Substitution;
  readonly types: Map<Expression, Type>;
  readonly calls: Map<Call, ResolvedCall>;
  readonly typeNames: Map<Expression, TypeValue>;
  readonly variables: Set<string>;
  /** By kind of expression. */
  readonly typeOf: (state: Check, expression: Expression) => Type;
  scope: Scope | undefined;
  parameters: number;
}

export function checkExpression(state: Check, expression: Expression): Type {
  const type = state.typeOf(state, expression);
  state.types.set(expression, type);
  return type;
}

export function report(state: Check, at: number, message: string): Type {
  state.issues.push({ at, message });
  return errorType;
}

export function undeclared(state: Check, at: number, name: string): Type {
  return report(state, at, `undeclared reference to '${name}' (in container '')`);
}

export function freshParameter(state: Check): Type {
  return parameter(`@${state.parameters++}`);
}

/** Issue unless a value of type `found` may stand where `expected` is asked for. */
export function expectType(state: Check, at: number, expected: Type, found: Type): void {
  if (assignable(state.substitution, expected, found)) return;
  const [wanted, got] = [expected, found].map((type) => typeText(substitute(state.substitution, type, "keep")));
  report(state, at, `expected type '${wanted}' but found '${got}'`);
}

/** Selecting from an optional answers an optional. */
export function fieldType(state: Check, at: number, operand: Type, field: string): Type {
  switch (operand.type) {
    case "optional": {
      const type = fieldType(state, at, resolve(state.substitution, operand.of), field);
      return resolve(state.substitution, type).type === "optional" ? type : optionalOf(type);
    }
    case "map":
      return operand.of;
    case "object":
      return operand.of.field(field)?.type ?? report(state, at, `undefined field '${field}'`);
    case "parameter":
      // From here on it is dyn, so that contradicting uses are no mistake.
      assignable(state.substitution, dynType, operand);
      return dynType;
    default:
      if (isDyn(operand)) return operand.type === "error" ? errorType : dynType;
      return report(state, at, `type '${typeText(operand)}' does not support field selection`);
  }
}
