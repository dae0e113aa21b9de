import { CelError } from "../cel.ts";
import { dottedName, type Call, type Expression, type Identifier, type Select } from "../syntax/expression.ts";
import { ListValue } from "../values/list.ts";
import { MapValue } from "../values/map.ts";
import { JsonObjectValue, ObjectValue } from "../values/object.ts";
import { readerOf } from "../values/read.ts";
import { valueText } from "../values/text.ts";
import { none, OptionalValue, Uint, type Value } from "../values/value.ts";
import { asBool, noSuchOverload } from "../library/overload.ts";
import { spend, type Frame, type Step } from "./frame.ts";
import { plan, type Plan } from "./context.ts";

/**
 * Names, selections, indexes and conditionals: upstream resolves a chain of them as one attribute. The chain costs one,
 * and one for each link; as an index, or as a branch of a conditional, only its links cost.
 */
type Attribute = Identifier | Select | Call;

const links = new Set(["_[_]", "_[?_]", "_?._"]);

export function isAttribute(expression: Expression): expression is Attribute {
  if (expression.kind === "call") return links.has(expression.function) || expression.function === "_?_:_";
  return expression.kind === "identifier" || (expression.kind === "select" && !expression.test);
}

/** Whether the chain costs one by itself: not when it starts with a conditional. */
export function readsPlainly(expression: Attribute): boolean {
  let root: Expression = expression;
  while (isAttribute(root) && root.kind !== "identifier") {
    const operand: Expression | undefined = root.kind === "select" ? root.operand : root.args[0];
    if (root.kind === "call" && root.function === "_?_:_") return false;
    if (operand === undefined) return true;
    root = operand;
  }
  return true;
}

/** A link's operand, an index or a branch: its own start is free. */
function planFree(context: Plan, expression: Expression): Step {
  if (context.checked.typeNames.has(expression)) return plan(context, expression);
  return isAttribute(expression) ? planAttribute(context, expression) : plan(context, expression);
}

export function planAttribute(context: Plan, expression: Attribute): Step {
  if (expression.kind === "identifier") return planName(context, expression.name);
  if (expression.kind === "select") return planDotted(context, expression) ?? planSelect(context, expression);
  const [first, second, third] = expression.args;
  if (first === undefined || second === undefined) throw noSuchOverload();
  if (third !== undefined) return planConditional(context, first, second, third);
  return planIndex(context, expression, first, second);
}

function planConditional(context: Plan, test: Expression, yes: Expression, no: Expression): Step {
  const condition = plan(context, test);
  const then = planFree(context, yes);
  const otherwise = planFree(context, no);
  return (frame) => (asBool(condition(frame)) ? then(frame) : otherwise(frame));
}

/** A variable of the environment may have a dotted name. */
function planDotted(context: Plan, select: Select): Step | undefined {
  const name = dottedName(select);
  if (name === undefined || !context.checked.variables.has(name)) return undefined;
  const [first] = name.split(".");
  for (let local = context.local; local !== undefined; local = local.outer) if (local.name === first) return undefined;
  return planName(context, name);
}

function planName(context: Plan, name: string): Step {
  for (let local = context.local; local !== undefined; local = local.outer)
    if (local.name === name) return planLocal(local.slot);
  const type = context.variables.get(name);
  if (type === undefined) throw new CelError(`no such attribute(s): ${name}`);
  const slot = context.inputs.get(name) ?? context.slots.count++;
  context.inputs.set(name, slot);
  const read = readerOf(type);
  return (frame) => {
    const known = frame.slots[slot];
    if (known !== undefined) return known;
    const input = Object.hasOwn(frame.inputs, name) ? frame.inputs[name] : undefined;
    if (input === undefined && type.type !== "optional") throw new CelError(`no such attribute(s): ${name}`);
    const value = read(input);
    frame.slots[slot] = value;
    return value;
  };
}

function planLocal(slot: number): Step {
  return (frame) => {
    const value = frame.slots[slot];
    if (value === undefined) throw noSuchOverload();
    return value;
  };
}

/** Fields of declared objects are found once. */
function planSelect(context: Plan, select: Select): Step {
  const operand = planFree(context, select.operand);
  const key = select.field;
  const type = context.checked.types.get(select.operand);
  const field = type?.type === "object" ? type.of.field(key) : undefined;
  if (type?.type !== "object" || field === undefined) return (frame) => link(frame, operand(frame), key);
  const { jsonName } = field;
  const read = readerOf(field.type);
  return (frame) => {
    const object = operand(frame);
    if (!(object instanceof JsonObjectValue) || object.type !== type.of) return link(frame, object, key);
    spend(frame, 1);
    if (!Object.hasOwn(object.json, jsonName)) throw noSuchKey(key);
    return read(object.json[jsonName]);
  };
}

function planIndex(context: Plan, call: Call, from: Expression, by: Expression): Step {
  const operand = planFree(context, from);
  const index = planFree(context, by);
  if (call.function === "_[_]") return (frame) => link(frame, operand(frame), index(frame));
  return (frame) => {
    const found = operand(frame);
    return optionalLink(frame, found, index(frame));
  };
}

/** `has(operand.field)` */
export function planHas(context: Plan, { operand, field }: Select): Step {
  const read = planFree(context, operand);
  const plainly = !isAttribute(operand) || readsPlainly(operand);
  return (frame) => {
    if (plainly) spend(frame, 1);
    const found = read(frame);
    const container = found instanceof OptionalValue ? found.value : found;
    return container !== undefined && isPresent(container, field);
  };
}

function isPresent(container: Value, field: string): boolean {
  return (container instanceof MapValue || container instanceof ObjectValue) && container.get(field) !== undefined;
}

function noSuchKey(key: Value): CelError {
  return new CelError(`no such key: ${valueText(key)}`);
}

function link(frame: Frame, container: Value, key: Value): Value {
  if (container instanceof OptionalValue) return optionalLink(frame, container, key);
  spend(frame, 1);
  const found = lookUp(container, key);
  if (found !== undefined) return found;
  throw container instanceof ListValue ? new CelError(`index out of bounds: ${listIndex(key)}`) : noSuchKey(key);
}

function optionalLink(frame: Frame, container: Value, key: Value): Value {
  const inside = container instanceof OptionalValue ? container.value : container;
  const found = inside === undefined ? undefined : lookUp(inside, key);
  if (found === undefined) return none;
  spend(frame, 1);
  return found instanceof OptionalValue ? found : new OptionalValue(found);
}

/** Undefined where there is no such item. */
function lookUp(container: Value, key: Value): Value | undefined {
  if (container instanceof MapValue) return container.get(key);
  if (container instanceof ListValue) {
    const index = listIndex(key);
    return index >= 0 && index < container.size ? container.at(index) : undefined;
  }
  if (container instanceof ObjectValue && typeof key === "string") return container.get(key);
  throw noSuchKey(key);
}

function listIndex(key: Value): number {
  if (typeof key === "bigint") return Number(key);
  if (key instanceof Uint) return Number(key.value);
  if (typeof key === "number" && Number.isInteger(key)) return key;
  throw new CelError(`unsupported index type '${typeof key}' in list`);
}
