import type { ResolvedCall } from "../check/checked.ts";
import type { Overload } from "../library/overload.ts";
import type { Call } from "../syntax/expression.ts";
import { fieldOf, itemOf } from "./declared-size.ts";
import { declaredSize, entryOf, setEntry, setSize, sizeOf, type EntrySize, type Estimate } from "./sizes.ts";
import { add, exactly, union, unknown, type CallEstimate, type EstimatedCall, type Range } from "./range.ts";

/** What a call may cost, with its arguments; remembers the size of what it answers. */
export function callCost(state: Estimate, call: Call, resolved: ResolvedCall, costs: readonly Range[]): Range {
  const [first = exactly(0), second = exactly(0), third = exactly(0)] = costs;
  switch (resolved.name) {
    case "_&&_":
    case "_||_":
      setSize(state, call, sizeOf(state, call));
      return { min: first.min, max: first.max + second.max };
    case "_?_:_":
      setBranches(state, call, resolved);
      return add(first, union(second, third));
    case "_?._":
      placeOptional(state, call, resolved);
      return add(exactly(1), ...costs);
    default:
      return ordinaryCost(state, call, resolved, costs);
  }
}

function setBranches(state: Estimate, call: Call, { args }: ResolvedCall): void {
  const [, yes, no] = args;
  if (yes === undefined || no === undefined) return;
  setSize(state, call, union(sizeOf(state, yes) ?? unknown, sizeOf(state, no) ?? unknown));
  setEntry(state, call, unionEntries(entryOf(state, yes), entryOf(state, no)));
}

function unionEntries(a: EntrySize | undefined, b: EntrySize | undefined): EntrySize | undefined {
  if (a === undefined || b === undefined) return undefined;
  return { list: a.list, key: union(a.key, b.key), value: union(a.value, b.value) };
}

/** Selections that may find nothing have no place in the schema, so that their size is not known. */
function placeOptional(state: Estimate, call: Call, { args }: ResolvedCall): void {
  const [operand, field] = args;
  const declared = operand === undefined ? undefined : state.declared.get(operand);
  if (declared === undefined || field?.kind !== "literal" || typeof field.value !== "string") return;
  const found = fieldOf(declared, field.value);
  if (found !== undefined) setSize(state, call, sizeOf(state, call));
}

function ordinaryCost(state: Estimate, call: Call, resolved: ResolvedCall, costs: readonly Range[]): Range {
  const asked = asEstimatedCall(state, resolved);
  const estimates = resolved.overloads.map((overload) => estimateOverload(overload, asked));
  const sizes = estimates.flatMap(({ size }) => size ?? []);
  const size = sizes.length === 0 ? undefined : sizes.reduce(union);
  setIndexed(state, call, resolved);
  if (resolved.name === "_+_") setSummed(state, call, resolved);
  setSize(state, call, size ?? sizeOf(state, call));
  const own = estimates.map(({ cost }) => cost).reduce(union, { min: Infinity, max: 0 });
  return add(own, ...costs);
}

function estimateOverload(overload: Overload, asked: EstimatedCall): CallEstimate {
  return overload.estimate?.(asked) ?? { cost: exactly(1) };
}

function asEstimatedCall(state: Estimate, { name, args }: ResolvedCall): EstimatedCall {
  return {
    name,
    size: (place) => {
      const arg = args[place];
      return (arg === undefined ? undefined : sizeOf(state, arg)) ?? unknown;
    },
    type: (place) => {
      const arg = args[place];
      return arg === undefined ? undefined : state.checked.types.get(arg);
    },
    itemSize: (place) => {
      const arg = args[place];
      const declared = arg === undefined ? undefined : state.declared.get(arg);
      return declaredSize(declared && itemOf(declared)) ?? unknown;
    },
    literal: (place) => {
      const arg = args[place];
      return arg?.kind === "literal" ? arg.value : undefined;
    },
  };
}

/** An item is where its list or map is. */
function setIndexed(state: Estimate, call: Call, { name, args }: ResolvedCall): void {
  const [from] = args;
  if (name !== "_[_]" || from === undefined) return;
  const declared = state.declared.get(from);
  const item = declared && itemOf(declared);
  if (item !== undefined) state.declared.set(call, item);
  setSize(state, call, entryOf(state, from)?.value);
}

function setSummed(state: Estimate, call: Call, { args }: ResolvedCall): void {
  const [a, b] = args;
  if (a === undefined || b === undefined) return;
  setEntry(state, call, unionEntries(entryOf(state, a), entryOf(state, b)));
}
