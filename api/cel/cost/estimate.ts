import type { CelType } from "../cel.ts";
import type { Checked, ResolvedCall } from "../check/checked.ts";
import {
  accumulator,
  type Call,
  type Comprehension,
  type Expression,
  type ListLiteral,
  type MapLiteral,
  type Select,
  type StructLiteral,
} from "../syntax/expression.ts";
import { stringType } from "../types/type.ts";
import { callCost } from "./call-estimate.ts";
import { fieldOf, itemOf, type Declared } from "./declared-size.ts";
import { listCreation, mapCreation, objectCreation } from "./factors.ts";
import { add, exactly, multiply, union, unknown, type Range } from "./range.ts";
import { entryOf, findLocal, setEntry, setSize, sizeOf, type Estimate, type Local } from "./sizes.ts";

/**
 * What an evaluation may cost at least and at most, as upstream estimates it: schemas with expensive rules are refused.
 * https://kubernetes.io/docs/reference/using-api/cel/#resource-constraints
 */
export function estimateCost(checked: Checked, variables: ReadonlyMap<string, CelType>): Range {
  const state: Estimate = {
    checked,
    variables,
    declared: new Map(),
    sizes: new Map(),
    entries: new Map(),
    local: undefined,
  };
  return costOf(state, checked.root);
}

function costOf(state: Estimate, expression: Expression): Range {
  switch (expression.kind) {
    case "literal":
      return exactly(0);
    case "identifier":
      return costOfName(state, expression, expression.name);
    case "select":
      return costOfSelect(state, expression);
    case "call":
      return costOfCall(state, expression);
    case "list":
      return costOfList(state, expression);
    case "map":
      return costOfMap(state, expression);
    case "struct":
      return costOfStruct(state, expression);
    case "comprehension":
      return costOfComprehension(state, expression);
  }
}

function costOfName(state: Estimate, expression: Expression, name: string): Range {
  const local = findLocal(state, name);
  const type = state.variables.get(name);
  place(state, expression, local === undefined ? type && { type } : local.declared);
  return exactly(1);
}

function place(state: Estimate, expression: Expression, declared: Declared | undefined): void {
  if (declared !== undefined) state.declared.set(expression, declared);
}

function costOfSelect(state: Estimate, select: Select): Range {
  if (state.checked.typeNames.has(select)) return exactly(1);
  const operand = costOf(state, select.operand);
  if (select.test) return operand;
  const declared = state.declared.get(select.operand);
  place(state, select, declared === undefined ? undefined : fieldOf(declared, select.field));
  const type = state.checked.types.get(select.operand);
  return type?.type === "map" || type?.type === "object" ? add(operand, exactly(1)) : operand;
}

function costOfCall(state: Estimate, call: Call): Range {
  const resolved = state.checked.calls.get(call);
  if (resolved === undefined) return exactly(0);
  const costs = resolved.args.map((arg) => costOf(state, arg));
  return resolved.name === "dyn" ? costOfDyn(state, call, resolved, costs) : callCost(state, call, resolved, costs);
}

function costOfDyn(state: Estimate, call: Call, { args }: ResolvedCall, costs: readonly Range[]): Range {
  const [arg] = args;
  if (arg !== undefined) copySizes(state, call, arg);
  return add(exactly(1), ...costs);
}

function copySizes(state: Estimate, to: Expression, from: Expression): void {
  setSize(state, to, sizeOf(state, from));
  setEntry(state, to, entryOf(state, from));
}

function costOfList(state: Estimate, list: ListLiteral): Range {
  let cost = exactly(listCreation);
  let size: Range = { min: list.items.length === 0 ? 0 : Infinity, max: 0 };
  for (const { value } of list.items) {
    cost = add(cost, costOf(state, value));
    size = union(size, sizeOf(state, value) ?? unknown);
  }
  setEntry(state, list, { list: true, key: exactly(1), value: size });
  return cost;
}

function costOfMap(state: Estimate, map: MapLiteral): Range {
  let cost = exactly(mapCreation);
  const least = map.entries.length === 0 ? 0 : Infinity;
  let [keys, values]: [Range, Range] = [
    { min: least, max: 0 },
    { min: least, max: 0 },
  ];
  for (const { key, value } of map.entries) {
    cost = add(cost, costOf(state, key), costOf(state, value));
    keys = union(keys, sizeOf(state, key) ?? unknown);
    values = union(values, sizeOf(state, value) ?? unknown);
  }
  setEntry(state, map, { list: false, key: keys, value: values });
  return cost;
}

function costOfStruct(state: Estimate, struct: StructLiteral): Range {
  return add(exactly(objectCreation), ...struct.fields.map((field) => costOf(state, field.value)));
}

function costOfComprehension(state: Estimate, loop: Comprehension): Range {
  const outside = state.local;
  const before = add(costOf(state, loop.range), costOf(state, loop.initial));
  const carried: Local = {
    name: loop.accumulator,
    outer: outside,
    declared: state.declared.get(loop.initial),
    size: sizeOf(state, loop.initial),
    entry: entryOf(state, loop.initial),
  };
  state.local = carried;
  if (loop.accumulator !== accumulator) return costOfBinding(state, loop, before, outside);
  declareLoopVariables(state, loop);
  const each = add(costOf(state, loop.condition), costOf(state, loop.step));
  state.local = carried;
  const after = costOf(state, loop.result);
  state.local = outside;
  const times = sizeOf(state, loop.range) ?? unknown;
  setResultSize(state, loop, times);
  return add(before, after, multiply(times, each));
}

function costOfBinding(state: Estimate, loop: Comprehension, before: Range, outside: Local | undefined): Range {
  const cost = add(before, costOf(state, loop.result));
  copySizes(state, loop, loop.result);
  state.local = outside;
  return cost;
}

function setResultSize(state: Estimate, loop: Comprehension, times: Range): void {
  if (loop.initial.kind === "literal") setSize(state, loop, sizeOf(state, loop.initial));
  if (loop.initial.kind !== "list" && loop.initial.kind !== "map") return;
  setSize(state, loop, times);
  setEntry(state, loop, entryOf(state, loop.step));
}

function declareLoopVariables(state: Estimate, loop: Comprehension): void {
  const entry = entryOf(state, loop.range);
  const range = state.declared.get(loop.range);
  const isList = entry?.list ?? state.checked.types.get(loop.range)?.type === "list";
  // Upstream looks for the size of what comes of no schema in the schema's root, and takes keys for empty.
  const self = state.variables.get("self");
  const root = self === undefined ? undefined : { type: self };
  const key = { declared: range === undefined ? root : { type: stringType, maxBytes: 0 }, size: entry?.key };
  const value = { declared: range === undefined ? root : itemOf(range), size: entry?.value };
  const [first, second] = loop.variables;
  const single = isList ? value : key;
  state.local = { name: first, outer: state.local, ...(second === undefined ? single : key), entry: undefined };
  if (second !== undefined) state.local = { name: second, outer: state.local, ...value, entry: undefined };
}
