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
import { plan, type Plan } from "./context.ts";

/** Plans a checked expression; `slots` counts what each evaluation has to keep. Throws CelError for bad conversions. */
export function planRoot(checked: Checked, variables: ReadonlyMap<string, CelType>, slots: { count: number }): Step {
  return plan({ checked, variables, inputs: new Map(), local: undefined, slots, planOne }, checked.root);
}

function planOne(context: Plan, expression: Expression): Step {
  if (!isAttribute(expression)) return planMade(context, expression);
  const read = planAttribute(context, expression);
  if (!readsPlainly(expression)) return read;
  return (frame) => {
    spend(frame, 1);
    return read(frame);
  };
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
