import type { CelType } from "../cel.ts";
import type { Checked } from "../check/checked.ts";
import { listCreation, mapCreation, objectCreation } from "../cost/factors.ts";
import { noSuchOverload } from "../library/overload.ts";
import { CelError } from "../cel.ts";
import type { Entry, Expression, Item, ListLiteral, MapLiteral, StructLiteral } from "../syntax/expression.ts";
import { BuiltList } from "../values/list.ts";
import { BuiltMap } from "../values/map.ts";
import { BuiltObject } from "../values/object.ts";
import { OptionalValue, type Value } from "../values/value.ts";
import { isAttribute, planAttribute, planHas, readsPlainly } from "./attributes.ts";
import { planCall } from "./calls.ts";
import { spend, type Step } from "./frame.ts";
import { planLoop } from "./loops.ts";

/** What planning knows: types, and where each name's value is kept. */
export interface Plan {
  readonly checked: Checked;
  readonly variables: ReadonlyMap<string, CelType>;
  /** By variable of the environment. */
  readonly inputs: Map<string, number>;
  readonly local: Local | undefined;
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
  if (constant !== undefined) return () => constant;
  if (isAttribute(expression)) {
    const read = planAttribute(context, expression);
    if (!readsPlainly(expression)) return read;
    return (frame) => {
      spend(frame, 1);
      return read(frame);
    };
  }
  return planMade(context, expression);
}

function planMade(context: Plan, expression: Expression): Step {
  switch (expression.kind) {
    case "select":
      return planHas(context, expression);
    case "list":
      return planList(context, expression);
    case "map":
      return planMap(context, expression);
    case "struct":
      return planStruct(context, expression);
    case "comprehension":
      return planLoop(context, expression);
    case "call":
      return planCall(context, expression);
    case "literal":
      return () => expression.value;
    case "identifier":
      return planAttribute(context, expression);
  }
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

function planList(context: Plan, list: ListLiteral): Step {
  const items = list.items.map((item) => planItem(context, item));
  return (frame) => {
    const made: Value[] = [];
    for (const item of items) {
      const value = item(frame);
      if (value !== undefined) made.push(value);
    }
    spend(frame, listCreation);
    return new BuiltList(made);
  };
}

/** Undefined for an optional item that is none. */
function planItem(context: Plan, { value, optional }: Item): (frame: Parameters<Step>[0]) => Value | undefined {
  const step = plan(context, value);
  if (!optional) return step;
  return (frame) => {
    const made = step(frame);
    if (made instanceof OptionalValue) return made.value;
    throw noSuchOverload();
  };
}

function planMap(context: Plan, map: MapLiteral): Step {
  const entries = map.entries.map((entry: Entry) => ({
    key: plan(context, entry.key),
    value: planItem(context, entry),
  }));
  return (frame) => {
    const built = new BuiltMap();
    for (const entry of entries) {
      const key = entry.key(frame);
      const value = entry.value(frame);
      if (value !== undefined && !built.set(key, value)) throw new CelError("unsupported key type");
    }
    spend(frame, mapCreation);
    return built;
  };
}

function planStruct(context: Plan, struct: StructLiteral): Step {
  const fields = struct.fields.map((field) => ({ name: field.name, value: planItem(context, field) }));
  return (frame) => {
    const values = new Map<string, Value>();
    for (const field of fields) {
      const value = field.value(frame);
      if (value !== undefined) values.set(field.name, value);
    }
    spend(frame, objectCreation);
    return new BuiltObject(struct.name, values);
  };
}
