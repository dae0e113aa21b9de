import { CelBudgetError, CelError } from "../cel.ts";
import { actualSize } from "../cost/actual-size.ts";
import { listCreation, traversal } from "../cost/factors.ts";
import { add, exactly, multiply, scale, type EstimatedCall } from "../cost/range.ts";
import { equal } from "../values/equality.ts";
import { BuiltList, ListValue } from "../values/list.ts";
import { MapValue } from "../values/map.ts";
import { Duration, Uint, type Value } from "../values/value.ts";
import { typeNameOf } from "./conversions.ts";
import { declare, type Declaration } from "./declare.ts";
import { duration, order } from "./operators.ts";
import { asInt, asList, noSuchOverload } from "./overload.ts";

/**
 * Lists: Kubernetes's own functions, and those of version 3 of the extension.
 * https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-list-library
 */
const longestRange = 1_000_000n;

function sizeOf(value: Value): bigint {
  if (value instanceof ListValue || value instanceof MapValue) return BigInt(value.size);
  throw noSuchOverload();
}

/** Upstream's cost of one look at everything in a list, which the estimate takes from the items' size. */
const onePass: Parameters<typeof declare>[2] = {
  cost: ([list]) => traversalCost(list),
  estimate: (call) => ({ cost: multiply(call.size(0), itemCost(call)) }),
};

function traversalCost(value: Value): number {
  if (typeof value === "string") return Math.floor(Buffer.byteLength(value) * traversal);
  if (value instanceof Uint8Array) return Math.floor(value.length * traversal);
  let cost = 0;
  if (value instanceof ListValue) for (const item of value) cost += traversalCost(item);
  else if (value instanceof MapValue)
    for (const key of value.keys()) cost += traversalCost(key) + traversalCost(value.get(key) ?? null);
  else cost = 1;
  return cost;
}

function itemCost(call: EstimatedCall): { min: number; max: number } {
  const list = call.type(0);
  const item = list?.type === "list" ? list.of.type : undefined;
  const sized = item === "string" || item === "bytes";
  return sized ? add(exactly(1), scale(call.itemSize(0), traversal)) : exactly(1);
}

function compare(a: Value, b: Value): number {
  const sign = order(a, b);
  if (sign === undefined) throw new CelError("NaN values cannot be ordered");
  return sign;
}

function isSorted(list: ListValue): boolean {
  for (let index = 1; index < list.size; index++) if (compare(list.at(index - 1), list.at(index)) > 0) return false;
  return true;
}

/** `sign` 1: the greatest, -1: the least. */
function extreme(list: ListValue, name: "max" | "min", sign: 1 | -1): Value {
  if (list.size === 0) throw new CelError(`${name} called on empty list`);
  let best = list.at(0);
  for (const item of list) if (compare(item, best) * sign > 0) best = item;
  return best;
}

function sumInts(list: ListValue): bigint {
  let sum = 0n;
  for (const item of list) sum += asInt(item);
  if (BigInt.asIntN(64, sum) !== sum) throw new CelError("integer overflow");
  return sum;
}

function sumUints(list: ListValue): Uint {
  let sum = 0n;
  for (const item of list) sum += item instanceof Uint ? item.value : 0n;
  if (BigInt.asUintN(64, sum) !== sum) throw new CelError("unsigned integer overflow");
  return new Uint(sum);
}

function sumDoubles(list: ListValue): number {
  let sum = 0;
  for (const item of list) sum += Number(item);
  return sum;
}

function sumDurations(list: ListValue): Duration {
  let sum = 0n;
  for (const item of list) sum += item instanceof Duration ? item.nanos : 0n;
  return duration(sum);
}

function indexOf(list: ListValue, item: Value): bigint {
  for (let index = 0; index < list.size; index++) if (equal(list.at(index), item)) return BigInt(index);
  return -1n;
}

function lastIndexOf(list: ListValue, item: Value): bigint {
  for (let index = list.size - 1; index >= 0; index--) if (equal(list.at(index), item)) return BigInt(index);
  return -1n;
}

function slice(list: ListValue, start: bigint, end: bigint): ListValue {
  const where = `cannot slice(${start}, ${end})`;
  if (start < 0n || end < 0n) throw new CelError(`${where}, negative indexes not supported`);
  if (start > end) throw new CelError(`${where}, start index must be less than or equal to end index`);
  if (end > BigInt(list.size)) throw new CelError(`${where}, list is length ${list.size}`);
  const items: Value[] = [];
  for (let index = Number(start); index < Number(end); index++) items.push(list.at(index));
  return new BuiltList(items);
}

function flatten(list: ListValue, depth: bigint): ListValue {
  if (depth < 0n) throw new CelError("level must be non-negative");
  const items: Value[] = [];
  for (const item of list) {
    if (!(item instanceof ListValue)) items.push(item);
    else for (const inner of depth > 1n ? flatten(item, depth - 1n) : item) items.push(inner);
  }
  return new BuiltList(items);
}

/** The first of equal items stays. */
function distinct(list: ListValue): ListValue {
  const plain = new Set<Value>();
  const items: Value[] = [];
  for (const item of list) {
    const simple = typeof item === "string" || typeof item === "boolean";
    if (simple ? plain.has(item) : items.some((known) => equal(known, item))) continue;
    if (simple) plain.add(item);
    items.push(item);
  }
  return new BuiltList(items);
}

function range(size: bigint): ListValue {
  if (size > longestRange) throw new CelBudgetError("expression");
  return new BuiltList(Array.from({ length: Math.max(Number(size), 0) }, (_, index) => BigInt(index)));
}

function sortBy(list: ListValue, keys: ListValue): ListValue {
  if (list.size !== keys.size)
    throw new CelError(
      `@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${list.size} and ${keys.size} elements respectively`,
    );
  const rows = [...list].map((item, index) => ({ item, key: keys.at(index) }));
  const [first] = rows;
  for (const { key } of rows)
    if (first !== undefined && typeNameOf(key) !== typeNameOf(first.key))
      throw new CelError("list elements must have the same type");
  return new BuiltList(rows.toSorted((a, b) => compare(a.key, b.key)).map(({ item }) => item));
}

/** Of a call that makes a list. */
const dispatch = 1 + listCreation;

function made(cost: number): number {
  return Math.floor(cost) + dispatch;
}

function bySize(size: (call: EstimatedCall) => { min: number; max: number }): Parameters<typeof declare>[2] {
  return {
    cost: (_, result) => made(actualSize(result)),
    estimate: (call) => ({ cost: add(size(call), exactly(dispatch)), size: size(call) }),
  };
}

function literalSize(call: EstimatedCall, place: number): number | undefined {
  const value = call.literal(place);
  return typeof value === "bigint" ? Math.max(Number(value), 0) : undefined;
}

const sliced = bySize((call) => {
  const [start, end] = [literalSize(call, 1) ?? 0, literalSize(call, 2) ?? Infinity];
  return exactly(Math.max(end - start, 0));
});

const ranged = bySize((call) => exactly(literalSize(call, 0) ?? Infinity));
const reversed = bySize((call) => call.size(0));

const flattened: Parameters<typeof declare>[2] = {
  cost: ([list, depth]) => made(actualSize(list) * (typeof depth === "bigint" ? Number(depth) : 1)),
  estimate: (call) => {
    const depth = call.type(1) === undefined ? 1 : (literalSize(call, 1) ?? Infinity);
    return { cost: add(multiply(call.size(0), exactly(depth)), exactly(dispatch)), size: call.size(0) };
  },
};

/** Every item is compared with every other one. */
function comparing(place: number): Parameters<typeof declare>[2] {
  return {
    cost: (args) => {
      const list = asList(args[place] ?? null);
      const first = list.size === 0 ? null : list.at(0);
      const texts = typeof first === "string" || first instanceof Uint8Array;
      return made(list.size * list.size * (2 + (texts ? traversal : 0)));
    },
    estimate: (call) => {
      const list = call.type(place);
      const item = list?.type === "list" ? list.of.type : undefined;
      const texts = (item === "string" || item === "bytes") && call.name !== "distinct";
      const size = multiply(call.size(place), call.size(place));
      return { cost: add(scale(size, 2 + (texts ? traversal : 0)), exactly(dispatch)), size };
    },
  };
}

const ordered = ["bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration"];

const kubernetes: readonly Declaration[] = [
  ...ordered.flatMap((type) => [
    declare(`list(${type}).isSorted(): bool`, (a) => isSorted(asList(a)), onePass),
    declare(`list(${type}).max(): ${type}`, (a) => extreme(asList(a), "max", 1), onePass),
    declare(`list(${type}).min(): ${type}`, (a) => extreme(asList(a), "min", -1), onePass),
  ]),
  declare("list(int).sum(): int", (a) => sumInts(asList(a)), onePass),
  declare("list(uint).sum(): uint", (a) => sumUints(asList(a)), onePass),
  declare("list(double).sum(): double", (a) => sumDoubles(asList(a)), onePass),
  declare("list(duration).sum(): duration", (a) => sumDurations(asList(a)), onePass),
  declare("list(A).indexOf(A): int", (a, b) => indexOf(asList(a), b), onePass),
  declare("list(A).lastIndexOf(A): int", (a, b) => lastIndexOf(asList(a), b), onePass),
];

export const lists: readonly Declaration[] = [
  declare("list(A).size(): int", sizeOf),
  declare("size(list(A)): int", sizeOf),
  declare("map(A, B).size(): int", sizeOf),
  declare("size(map(A, B)): int", sizeOf),
  ...kubernetes,
  declare("list(T).slice(int, int): list(T)", (a, b, c) => slice(asList(a), asInt(b), asInt(c)), sliced),
  declare("list(list(T)).flatten(): list(T)", (a) => flatten(asList(a), 1n), flattened),
  declare("list(dyn).flatten(int): list(dyn)", (a, b) => flatten(asList(a), asInt(b)), flattened),
  declare("list(T).distinct(): list(T)", (a) => distinct(asList(a)), comparing(0)),
  declare("list(T).reverse(): list(T)", (a) => new BuiltList([...asList(a)].reverse()), reversed),
  declare("lists.range(int): list(int)", (a) => range(asInt(a)), ranged),
  ...ordered.map((type) =>
    declare(`list(${type}).sort(): list(${type})`, (a) => sortBy(asList(a), asList(a)), comparing(0)),
  ),
  ...ordered.map((type) =>
    declare(
      `list(T).@sortByAssociatedKeys(list(${type})): list(T)`,
      (a, b) => sortBy(asList(a), asList(b)),
      comparing(1),
    ),
  ),
];
