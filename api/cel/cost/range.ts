import type { Type } from "../types/type.ts";
import type { Value } from "../values/value.ts";

/** From the least to the most: a size, or a cost. Infinity: no bound. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

export interface CallEstimate {
  readonly cost: Range;
  /** Of the result; undefined where nothing is known. */
  readonly size?: Range;
}

/** What an estimate may ask about a call; places count the target as the first. */
export interface EstimatedCall {
  /** Of the function. */
  readonly name: string;
  size(place: number): Range;
  type(place: number): Type | undefined;
  /** Of a list's items. */
  itemSize(place: number): Range;
  literal(place: number): Value | undefined;
}

export const unknown: Range = { min: 0, max: Infinity };

export function exactly(size: number): Range {
  return { min: size, max: size };
}

export function add(...ranges: readonly Range[]): Range {
  return ranges.reduce((sum, range) => ({ min: sum.min + range.min, max: sum.max + range.max }));
}

/** Nothing times something without a bound is nothing. */
export function multiply(a: Range, b: Range): Range {
  const times = (x: number, y: number): number => (x === 0 || y === 0 ? 0 : x * y);
  return { min: times(a.min, b.min), max: times(a.max, b.max) };
}

/** Rounded up. */
export function scale(range: Range, factor: number): Range {
  return { min: Math.ceil(range.min * factor), max: range.max === 0 ? 0 : Math.ceil(range.max * factor) };
}

export function union(a: Range, b: Range): Range {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}
