import { CelError } from "../cel.ts";
import { listCreation } from "../cost/factors.ts";
import { asBool, noSuchOverload } from "../library/overload.ts";
import { accumulator, type Call, type Comprehension, type Expression } from "../syntax/expression.ts";
import { BuiltList, ListValue } from "../values/list.ts";
import { BuiltMap, MapValue } from "../values/map.ts";
import { valueText } from "../values/text.ts";
import type { Value } from "../values/value.ts";
import { recoverable, spend, type Frame, type Step } from "./frame.ts";
import { constantOf, plan, type Local, type Plan } from "./context.ts";

/** Local names are kept in slots of the frame, so that a loop allocates nothing for them. */
function declare(context: Plan, name: string): { readonly context: Plan; readonly slot: number } {
  const slot = context.slots.count++;
  const local: Local = { name, slot, outer: context.local };
  return { context: { ...context, local }, slot };
}

export function planLoop(context: Plan, loop: Comprehension): Step {
  const carried = declare(context, loop.accumulator);
  const initial = planInitial(context, loop);
  if (loop.accumulator !== accumulator) return planBinding(carried.slot, initial, plan(carried.context, loop.result));
  const first = declare(carried.context, loop.variables[0]);
  const second = declare(first.context, loop.variables[1] ?? "");
  const names = loop.variables.length === 1 ? ([first.slot] as const) : ([first.slot, second.slot] as const);
  const range = plan(context, loop.range);
  const quantifier = planQuantifier(second.context, loop, range, names);
  if (quantifier !== undefined) return quantifier;
  const step = planStep(second.context, loop.step, carried.slot);
  const result = plan(carried.context, loop.result);
  return (frame) => {
    const items = range(frame);
    frame.slots[carried.slot] = initial(frame);
    forEachItem(frame, items, names, () => {
      frame.slots[carried.slot] = step(frame);
      return true;
    });
    return result(frame);
  };
}

/** Where the one or two names of a loop are kept. */
type Names = readonly [number] | readonly [number, number];

/**
 * `all` and `exists`: an item that fails does not end the loop, since a later one may still decide. They cost what their
 * expansion does: for each item the condition and the carried name, and the name once more at the end.
 */
function planQuantifier(context: Plan, loop: Comprehension, range: Step, names: Names): Step | undefined {
  const predicate = loop.step.kind === "call" ? loop.step.args[1] : undefined;
  if (loop.condition.kind === "literal" || loop.step.kind !== "call" || predicate === undefined) return undefined;
  const decisive = loop.step.function === "_||_";
  const conditionCost = decisive ? 3 : 2;
  const holds = plan(context, predicate);
  return (frame) => {
    let carried: boolean | CelError = !decisive;
    forEachItem(frame, range(frame), names, () => {
      spend(frame, conditionCost);
      if (carried === decisive) return false;
      spend(frame, 1);
      try {
        if (asBool(holds(frame)) === decisive) carried = decisive;
      } catch (thrown) {
        const error = recoverable(thrown);
        if (carried === !decisive) carried = error;
      }
      return true;
    });
    spend(frame, 1);
    return settled(carried);
  };
}

function settled(carried: boolean | CelError): boolean {
  if (typeof carried === "boolean") return carried;
  throw carried;
}

/** `optMap` and `sortBy` only give a name to a value. */
function planBinding(slot: number, initial: Step, result: Step): Step {
  return (frame) => {
    frame.slots[slot] = initial(frame);
    return result(frame);
  };
}

/** Names each item, until `visit` answers false. */
function forEachItem(frame: Frame, range: Value, [first, second]: Names, visit: () => boolean): void {
  if (range instanceof ListValue) {
    for (let index = 0; index < range.size; index++) {
      const item = range.at(index);
      frame.slots[first] = second === undefined ? item : BigInt(index);
      if (second !== undefined) frame.slots[second] = item;
      if (!visit()) return;
    }
    return;
  }
  if (!(range instanceof MapValue)) throw noSuchOverload();
  for (const key of range.keys()) {
    frame.slots[first] = key;
    if (second !== undefined) frame.slots[second] = range.get(key);
    if (!visit()) return;
  }
}

/** Of `map` and its kin a fresh list or map, which the steps fill. */
function planInitial(context: Plan, loop: Comprehension): Step {
  if (loop.accumulator === accumulator) {
    if (loop.initial.kind === "list") return () => new BuiltList([]);
    if (loop.initial.kind === "map") return () => new BuiltMap();
  }
  return plan(context, loop.initial);
}

/** Adds to the carried list or map itself: nobody else sees it before the loop ends. */
function planStep(context: Plan, step: Expression, carried: number): Step {
  if (step.kind !== "call") return plan(context, step);
  const [first, second, third] = step.args;
  if (step.function === "_?_:_" && first !== undefined && second !== undefined) {
    const test = plan(context, first);
    const then = planStep(context, second, carried);
    return (frame) => (asBool(test(frame)) ? then(frame) : (frame.slots[carried] ?? null));
  }
  if (step.function === "_+_" && isCarried(first) && second?.kind === "list")
    return planAppend(context, second.items[0]?.value, carried);
  if (step.function === "cel.@mapInsert") return planInsert(context, step, third, carried);
  return plan(context, step);
}

function isCarried(expression: Expression | undefined): boolean {
  return expression?.kind === "identifier" && expression.name === accumulator;
}

/** Costs what `@result + [item]` does: the name, the addition, and the list unless it is constant. */
function planAppend(context: Plan, item: Expression | undefined, carried: number): Step {
  if (item === undefined) throw noSuchOverload();
  const value = plan(context, item);
  const cost = constantOf(context, item) === undefined ? 2 + listCreation : 2;
  return (frame) => {
    const list = frame.slots[carried];
    if (!(list instanceof BuiltList)) throw noSuchOverload();
    list.push(value(frame));
    spend(frame, cost);
    return list;
  };
}

/** `cel.@mapInsert(@result, key, value)` and `cel.@mapInsert(@result, map)` */
function planInsert(context: Plan, step: Call, value: Expression | undefined, carried: number): Step {
  const second = step.args[1];
  if (second === undefined) throw noSuchOverload();
  const from = plan(context, second);
  const insertedValue = value === undefined ? undefined : plan(context, value);
  return (frame) => {
    const map = frame.slots[carried];
    if (!(map instanceof BuiltMap)) throw noSuchOverload();
    const key = from(frame);
    if (insertedValue !== undefined) insert(map, key, insertedValue(frame));
    else if (key instanceof MapValue) for (const name of key.keys()) insert(map, name, key.get(name) ?? null);
    else throw noSuchOverload();
    spend(frame, 2);
    return map;
  };
}

function insert(map: BuiltMap, key: Value, value: Value): void {
  if (map.get(key) !== undefined) throw new CelError(`insert failed: key ${valueText(key)} already exists`);
  if (!map.set(key, value)) throw new CelError("unsupported key type");
}
