import { CelError } from "../cel.ts";
import { listCreation } from "../cost/factors.ts";
import { noSuchOverload } from "../library/overload.ts";
import { accumulator, type Call, type Comprehension, type Expression } from "../syntax/expression.ts";
import { BuiltList, ListValue } from "../values/list.ts";
import { BuiltMap, MapValue } from "../values/map.ts";
import type { Value } from "../values/value.ts";
import { Failure, recoverable, spend, type Frame, type Step } from "./frame.ts";
import { constantOf, plan, type Local, type Plan } from "./plan.ts";

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
  const condition = plan(second.context, loop.condition);
  const parts: Parts = {
    range: plan(context, loop.range),
    carried: carried.slot,
    names: loop.variables.length === 1 ? [first.slot] : [first.slot, second.slot],
    condition: loop.condition.kind === "literal" ? undefined : condition,
    step: planStep({ ...second.context }, loop.step, carried.slot),
  };
  const result = plan(carried.context, loop.result);
  return (frame) => {
    const range = parts.range(frame);
    frame.slots[carried.slot] = initial(frame);
    runLoop(frame, range, parts);
    return result(frame);
  };
}

/** `optMap` and `sortBy` only give a name to a value. */
function planBinding(slot: number, initial: Step, result: Step): Step {
  return (frame) => {
    frame.slots[slot] = initial(frame);
    return result(frame);
  };
}

interface Parts {
  readonly range: Step;
  readonly carried: number;
  readonly names: readonly [number] | readonly [number, number];
  /** Undefined: to the end. */
  readonly condition: Step | undefined;
  readonly step: Step;
}

function runLoop(frame: Frame, range: Value, parts: Parts): void {
  if (range instanceof ListValue) {
    const indexed = parts.names.length === 2;
    for (let index = 0; index < range.size; index++) {
      const item = range.at(index);
      if (!runItem(frame, parts, indexed ? BigInt(index) : item, item)) return;
    }
    return;
  }
  if (!(range instanceof MapValue)) throw noSuchOverload();
  const valued = parts.names.length === 2;
  for (const key of range.keys())
    if (!runItem(frame, parts, key, valued ? (range.get(key) ?? null) : null)) return;
}

/** False when the loop is over. */
function runItem(
  frame: Frame,
  { carried, names, condition, step }: Parts,
  one: Value,
  two: Value,
): boolean {
  if (condition !== undefined && condition(frame) === false) return false;
  const [first, second] = names;
  frame.slots[first] = one;
  if (second !== undefined) frame.slots[second] = two;
  frame.slots[carried] = condition === undefined ? step(frame) : attempt(frame, step);
  return true;
}

/** A failure is carried on, since a later item may decide for `all` and `exists`. */
function attempt(frame: Frame, step: Step): Value | Failure {
  try {
    return step(frame);
  } catch (thrown) {
    return new Failure(recoverable(thrown));
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
    return (frame) => (isTrue(test(frame)) ? then(frame) : (carriedValue(frame, carried) ?? null));
  }
  if (step.function === "_+_" && isCarried(first) && second?.kind === "list")
    return planAppend(context, second.items[0]?.value, carried);
  if (step.function === "cel.@mapInsert") return planInsert(context, step, third, carried);
  return plan(context, step);
}

function isTrue(value: Value): boolean {
  if (typeof value === "boolean") return value;
  throw noSuchOverload();
}

function isCarried(expression: Expression | undefined): boolean {
  return expression?.kind === "identifier" && expression.name === accumulator;
}

function carriedValue(frame: Frame, slot: number): Value | undefined {
  const value = frame.slots[slot];
  if (value instanceof Failure) throw value.error;
  return value;
}

/** Costs what `@result + [item]` does: the name, the addition, and the list unless it is constant. */
function planAppend(context: Plan, item: Expression | undefined, carried: number): Step {
  if (item === undefined) throw noSuchOverload();
  const value = plan(context, item);
  const cost = constantOf(context, item) === undefined ? 2 + listCreation : 2;
  return (frame) => {
    const list = carriedValue(frame, carried);
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
    const map = carriedValue(frame, carried);
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
  if (map.get(key) !== undefined) throw new CelError(`insert failed: key ${String(key)} already exists`);
  if (!map.set(key, value)) throw new CelError("unsupported key type");
}
