import { dottedName, type Comprehension, type Expression, type Select } from "../syntax/expression.ts";
import type { Issue } from "../syntax/issues.ts";
import { resolve, substitute, Substitution } from "../types/substitution.ts";
import { boolType, dynType, errorType, intType, isDyn, keyOf, typeText, type Type } from "../types/type.ts";
import { TypeValue } from "../values/value.ts";
import { checkCall } from "./calls.ts";
import type { Checked } from "./checked.ts";
import { checkList, checkMap, checkStruct } from "./literals.ts";
import { literalType, namedTypes } from "./named-types.ts";
import { checkExpression, expectType, fieldType, report, undeclared, type Check, type Declarations } from "./state.ts";

/** Finds the type of every part; issues are added to `issues`. */
export function check(root: Expression, declarations: Declarations, issues: Issue[]): Checked {
  const state: Check = {
    declarations,
    issues,
    substitution: new Substitution(),
    types: new Map(),
    calls: new Map(),
    typeNames: new Map(),
    variables: new Set(),
    typeOf,
    scope: undefined,
    parameters: 0,
  };
  checkExpression(state, root);
  for (const [expression, type] of state.types) {
    if (type.type === "parameter" || "of" in type)
      state.types.set(expression, substitute(state.substitution, type, "dyn"));
  }
  return { root, types: state.types, calls: state.calls, typeNames: state.typeNames, variables: state.variables };
}

function typeOf(state: Check, expression: Expression): Type {
  switch (expression.kind) {
    case "literal":
      return literalType(expression.value);
    case "identifier":
      return named(state, expression, expression.name) ?? undeclared(state, expression.at, expression.name);
    case "select":
      return checkSelect(state, expression);
    case "call":
      return checkCall(state, expression);
    case "list":
      return checkList(state, expression);
    case "map":
      return checkMap(state, expression);
    case "struct":
      return checkStruct(state, expression);
    case "comprehension":
      return checkComprehension(state, expression);
  }
}

function named(state: Check, expression: Expression, name: string): Type | undefined {
  for (let scope = state.scope; scope !== undefined; scope = scope.outer) if (scope.name === name) return scope.type;
  const variable = state.declarations.variables.get(name);
  if (variable !== undefined) {
    state.variables.add(name);
    return variable;
  }
  const type = namedTypes.get(name);
  if (type === undefined) return undefined;
  state.typeNames.set(expression, new TypeValue(type.typeName));
  return { type: "type", of: type.type };
}

function checkSelect(state: Check, select: Select): Type {
  const dotted = select.test ? undefined : dottedName(select);
  const variable =
    dotted === undefined || isLocal(state, dotted) ? undefined : state.declarations.variables.get(dotted);
  if (dotted !== undefined && variable !== undefined) {
    state.variables.add(dotted);
    return variable;
  }
  if (dotted !== undefined && namedTypes.has(dotted) && !isDeclared(state, dotted)) {
    const type = named(state, select, dotted);
    if (type !== undefined) return type;
  }
  const operand = resolve(state.substitution, checkExpression(state, select.operand));
  const field = fieldType(state, select.at, operand, select.field);
  return select.test ? boolType : field;
}

/** Whether the first of the dotted names is a variable, which comes before types. */
function isDeclared(state: Check, dotted: string): boolean {
  const [first = ""] = dotted.split(".");
  return isLocal(state, dotted) || state.declarations.variables.has(first);
}

function isLocal(state: Check, dotted: string): boolean {
  const [first] = dotted.split(".");
  for (let scope = state.scope; scope !== undefined; scope = scope.outer) if (scope.name === first) return true;
  return false;
}

function checkComprehension(state: Check, loop: Comprehension): Type {
  const range = resolve(state.substitution, checkExpression(state, loop.range));
  const initial = checkExpression(state, loop.initial);
  const outside = state.scope;
  state.scope = { name: loop.accumulator, type: initial, outer: outside };
  const withAccumulator = state.scope;
  const types = variableTypes(state, loop, range);
  loop.variables.forEach((name, place) => {
    state.scope = { name, type: types[place] ?? errorType, outer: state.scope };
  });
  expectType(state, loop.condition.at, boolType, checkExpression(state, loop.condition));
  expectType(state, loop.step.at, initial, checkExpression(state, loop.step));
  state.scope = withAccumulator;
  const result = checkExpression(state, loop.result);
  state.scope = outside;
  return substitute(state.substitution, result, "keep");
}

function variableTypes(state: Check, loop: Comprehension, range: Type): readonly Type[] {
  const single = loop.variables.length === 1;
  if (range.type === "list") return single ? [range.of] : [intType, range.of];
  if (range.type === "map") return single ? [keyOf(range)] : [keyOf(range), range.of];
  if (isDyn(range) || range.type === "parameter") return [dynType, dynType];
  const words = "cannot be range of a comprehension (must be list, map, or dynamic)";
  report(state, loop.range.at, `expression of type '${typeText(range)}' ${words}`);
  return [errorType, errorType];
}
