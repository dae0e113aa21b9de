import { CelError } from "../cel.ts";
import { BuiltList, ListValue } from "../values/list.ts";
import { MapValue } from "../values/map.ts";
import { ObjectValue } from "../values/object.ts";
import { Duration, none, OptionalValue, Timestamp, Uint, type Value } from "../values/value.ts";
import { declare, type Declaration } from "./declare.ts";
import { asList, asOptional } from "./overload.ts";

/** https://pkg.go.dev/github.com/google/cel-go/cel#OptionalTypes */
function isZero(value: Value): boolean {
  if (value === null || value === false || value === 0n || value === 0 || value === "") return true;
  if (value instanceof ListValue || value instanceof MapValue) return value.size === 0;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Duration) return value.nanos === 0n;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof OptionalValue) return value.value === undefined;
  if (value instanceof ObjectValue) return [...value.fields()].length === 0;
  return value instanceof Timestamp && value.nanos === 0n;
}

function dereference(value: Value): Value {
  const held = asOptional(value).value;
  if (held === undefined) throw new CelError("optional.none() dereference");
  return held;
}

function present(list: Value): Value {
  return new BuiltList([...asList(list)].flatMap((item) => asOptional(item).value ?? []));
}

function edge(list: ListValue, index: number): Value {
  return list.size === 0 ? none : new OptionalValue(list.at(index));
}

export const optionals: readonly Declaration[] = [
  declare("optional.of(V): optional(V)", (a) => new OptionalValue(a)),
  declare("optional.ofNonZeroValue(V): optional(V)", (a) => (isZero(a) ? none : new OptionalValue(a))),
  declare("optional.none(): optional(V)", () => none),
  declare("optional(V).hasValue(): bool", (a) => asOptional(a).value !== undefined),
  declare("optional(V).value(): V", dereference),
  // Planned apart: the other side is evaluated only where it is needed.
  declare("optional(V).or(optional(V)): optional(V)", (a, b) => (asOptional(a).value === undefined ? b : a)),
  declare("optional(V).orValue(V): V", (a, b) => asOptional(a).value ?? b),
  declare("optional.unwrap(list(optional(V))): list(V)", present),
  declare("list(optional(V)).unwrapOpt(): list(V)", present),
  declare("list(V).first(): optional(V)", (a) => edge(asList(a), 0)),
  declare("list(V).last(): optional(V)", (a) => edge(asList(a), asList(a).size - 1)),
];
