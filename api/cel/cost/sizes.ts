import type { CelType } from "../cel.ts";
import type { Checked } from "../check/checked.ts";
import type { Expression } from "../syntax/expression.ts";
import { dynType } from "../types/type.ts";
import { Duration, textSize, Timestamp, type Value } from "../values/value.ts";
import { largestSize, type Declared } from "./declared-size.ts";
import { exactly, type Range } from "./range.ts";

/** The sizes of a list's items, or of a map's keys and values. */
export interface EntrySize {
  readonly list: boolean;
  readonly key: Range;
  readonly value: Range;
}

export interface Local {
  readonly name: string;
  readonly outer: Local | undefined;
  readonly declared: Declared | undefined;
  readonly size: Range | undefined;
  readonly entry: EntrySize | undefined;
}

/** The state of one estimate. */
export interface Estimate {
  readonly checked: Checked;
  readonly variables: ReadonlyMap<string, CelType>;
  /** Where in the declared variables an expression reads. */
  readonly declared: Map<Expression, Declared>;
  readonly sizes: Map<Expression, Range>;
  readonly entries: Map<Expression, EntrySize>;
  local: Local | undefined;
}

export function findLocal(state: Estimate, name: string): Local | undefined {
  let local = state.local;
  while (local !== undefined && local.name !== name) local = local.outer;
  return local;
}

export function setSize(state: Estimate, expression: Expression, size: Range | undefined): void {
  if (size !== undefined) state.sizes.set(expression, size);
}

export function setEntry(state: Estimate, expression: Expression, entry: EntrySize | undefined): void {
  if (entry !== undefined) state.entries.set(expression, entry);
}

/** Undefined where nothing is known. */
export function sizeOf(state: Estimate, expression: Expression): Range | undefined {
  const known = state.sizes.get(expression) ?? literalSize(expression) ?? declaredSize(state.declared.get(expression));
  if (known !== undefined) return known;
  const type = state.checked.types.get(expression) ?? dynType;
  const scalar = type.type === "optional" ? type.of.type : type.type;
  if (scalars.has(scalar)) return exactly(1);
  return expression.kind === "identifier" ? findLocal(state, expression.name)?.size : undefined;
}

const scalars: ReadonlySet<string> = new Set(["bool", "int", "uint", "double", "duration", "timestamp"]);

export function declaredSize(declared: Declared | undefined): Range | undefined {
  const max = declared === undefined ? undefined : largestSize(declared);
  return max === undefined ? undefined : { min: 0, max };
}

export function entryOf(state: Estimate, expression: Expression): EntrySize | undefined {
  const known = state.entries.get(expression);
  if (known !== undefined || expression.kind !== "identifier") return known;
  return findLocal(state, expression.name)?.entry;
}

function literalSize(expression: Expression): Range | undefined {
  if (expression.kind === "literal") return exactly(valueSize(expression.value));
  if (expression.kind === "list") return exactly(expression.items.length);
  return expression.kind === "map" ? exactly(expression.entries.length) : undefined;
}

function valueSize(value: Value): number {
  if (typeof value === "string") return textSize(value);
  if (value instanceof Timestamp || value instanceof Duration) return 1;
  return value instanceof Uint8Array ? value.length : 1;
}
