import { CelError } from "../cel.ts";
import type { CallEstimate, EstimatedCall } from "../cost/range.ts";
import type { Type } from "../types/type.ts";
import { ListValue } from "../values/list.ts";
import { Duration, OptionalValue, Timestamp, Uint, type Value } from "../values/value.ts";

/** Gets null for parameters that it does not declare. Throws CelError. */
export type Implementation = (a: Value, b: Value, c: Value, d: Value) => Value;

/** One way to call a function. Libraries are tables of these. */
export interface Overload {
  /** `target.name(…)`: the target is the first parameter. */
  readonly member: boolean;
  readonly params: readonly Type[];
  readonly result: Type;
  readonly call: Implementation;
  /** An implementation for one place in one program, which may remember what it made of its arguments the last time. */
  readonly site?: () => Implementation;
  /** What a call has cost, in upstream's units; undefined: one. */
  readonly cost?: RuntimeCost;
  /** What it may cost, from sizes; undefined: one. */
  readonly estimate?: (call: EstimatedCall) => CallEstimate;
  /** With one constant argument the answer is a constant, and free. */
  readonly conversion?: true;
}

export type RuntimeCost = (args: readonly [Value, Value, Value, Value], result: Value) => number;

/** By function name, with its namespace: `optional.of`. */
export type FunctionTable = ReadonlyMap<string, readonly Overload[]>;

export function noSuchOverload(): CelError {
  return new CelError("no such overload");
}

export function asText(value: Value): string {
  if (typeof value === "string") return value;
  throw noSuchOverload();
}

export function asInt(value: Value): bigint {
  if (typeof value === "bigint") return value;
  throw noSuchOverload();
}

export function asUint(value: Value): bigint {
  if (value instanceof Uint) return value.value;
  throw noSuchOverload();
}

export function asDouble(value: Value): number {
  if (typeof value === "number") return value;
  throw noSuchOverload();
}

export function asBool(value: Value): boolean {
  if (typeof value === "boolean") return value;
  throw noSuchOverload();
}

export function asBytes(value: Value): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw noSuchOverload();
}

export function asList(value: Value): ListValue {
  if (value instanceof ListValue) return value;
  throw noSuchOverload();
}

export function asTimestamp(value: Value): bigint {
  if (value instanceof Timestamp) return value.nanos;
  throw noSuchOverload();
}

export function asDuration(value: Value): bigint {
  if (value instanceof Duration) return value.nanos;
  throw noSuchOverload();
}

export function asOptional(value: Value): OptionalValue {
  if (value instanceof OptionalValue) return value;
  throw noSuchOverload();
}
