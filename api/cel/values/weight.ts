import { CelBudgetError } from "../cel.ts";
import type { Value } from "./value.ts";

/**
 * How many values a list or a map that an expression has made holds, all the way down. Parts may be shared, so that a short
 * expression can make a list that would take for ever to walk through: those are refused.
 */
const heaviest = 4_000_000;

export function bounded(weight: number): number {
  if (weight > heaviest) throw new CelBudgetError("expression");
  return weight;
}

export function weightOf(value: Value): number {
  return typeof value === "object" && value !== null && "weight" in value ? value.weight : 1;
}
