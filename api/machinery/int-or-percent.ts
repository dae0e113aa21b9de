import type { FieldError } from "./field-error.ts";
import { bad, named, nonNegative } from "./findings.ts";
import { percent } from "./names.ts";

/** A count of pods, or a share of them such as `25%`. */
export type IntOrPercent = number | string;

export function validateIntOrPercent(value: IntOrPercent, path: string): FieldError[] {
  return typeof value === "number" ? nonNegative(path, value) : named(path, value, percent(value));
}

export function atMostAll(value: IntOrPercent, path: string): FieldError[] {
  if (typeof value === "number" || percent(value).length > 0 || Number.parseInt(value, 10) <= 100) return [];
  return [bad(path, value, "must not be greater than 100%")];
}

/** `0`, `0%` and what is no number at all (which has a finding of its own). */
export function isZero(value: IntOrPercent): boolean {
  if (typeof value === "number") return value === 0;
  return percent(value).length > 0 || Number.parseInt(value, 10) === 0;
}

/** How many of a total it is, fractions rounded; undefined for text that is no percentage. */
export function countOf(value: IntOrPercent, total: number, round: "up" | "down"): number | undefined {
  if (typeof value === "number") return value;
  if (percent(value).length > 0) return undefined;
  const share = (Number.parseInt(value, 10) * total) / 100;
  return round === "up" ? Math.ceil(share) : Math.floor(share);
}
