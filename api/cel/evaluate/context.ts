import type { CelType } from "../cel.ts";
import type { Checked } from "../check/checked.ts";
import type { Expression, ListLiteral, MapLiteral } from "../syntax/expression.ts";
import { BuiltList } from "../values/list.ts";
import { BuiltMap } from "../values/map.ts";
import type { Value } from "../values/value.ts";
import type { Step } from "./frame.ts";

/** What planning knows: types, and where each name's value is kept. */
export interface Plan {
  readonly checked: Checked;
  readonly variables: ReadonlyMap<string, CelType>;
  /** By variable of the environment. */
  readonly inputs: Map<string, number>;
  readonly local: Local | undefined;
  /** By kind of expression. */
  readonly planOne: (context: Plan, expression: Expression) => Step;
  /** How many slots there are so far. */
  readonly slots: { count: number };
}

/** A name that a macro binds. */
export interface Local {
  readonly name: string;
  readonly slot: number;
  readonly outer: Local | undefined;
}

/** Turns an expression into closures, once; each charges what upstream's evaluation of it would. */
export function plan(context: Plan, expression: Expression): Step {
  const constant = constantOf(context, expression);
  return constant === undefined ? context.planOne(context, expression) : () => constant;
}

/** Literals, lists and maps of literals, conversions of literals and names of types are computed once, for nothing. */
export function constantOf(context: Plan, expression: Expression): Value | undefined {
  if (expression.kind === "literal") return expression.value;
  const typeName = context.checked.typeNames.get(expression);
  if (typeName !== undefined) return typeName;
  if (expression.kind === "call") return constantConversion(context, expression);
  if (expression.kind === "list") return constantList(context, expression);
  return expression.kind === "map" ? constantMap(context, expression) : undefined;
}

function constantConversion(context: Plan, call: Extract<Expression, { kind: "call" }>): Value | undefined {
  const resolved = context.checked.calls.get(call);
  const [arg] = resolved?.args ?? [];
  const overload = resolved?.overloads.find(({ conversion }) => conversion);
  if (arg === undefined || overload === undefined || resolved?.args.length !== 1) return undefined;
  const value = constantOf(context, arg);
  return value === undefined ? undefined : overload.call(value, null, null, null);
}

function constantList(context: Plan, list: ListLiteral): Value | undefined {
  const items: Value[] = [];
  for (const { value, optional } of list.items) {
    const constant = optional ? undefined : constantOf(context, value);
    if (constant === undefined) return undefined;
    items.push(constant);
  }
  return new BuiltList(items);
}

function constantMap(context: Plan, map: MapLiteral): Value | undefined {
  const built = new BuiltMap();
  for (const { key, value, optional } of map.entries) {
    const constantKey = constantOf(context, key);
    const constant = optional ? undefined : constantOf(context, value);
    if (constant === undefined || constantKey === undefined) return undefined;
    // What cannot be a key is told when the map is made.
    if (!built.set(constantKey, constant)) return undefined;
  }
  return built;
}
