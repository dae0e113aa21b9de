import { bad, named, nonNegative } from "../core/findings.ts";
import { percent } from "../machinery/names.ts";
import type { FieldError } from "../machinery/status.ts";

/** A count of pods, or a share of them such as `25%`. */
type IntOrPercent = number | string;

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

/** A rollout that may neither remove a pod nor add one would never move. */
export function validateSurge(
  { maxUnavailable = 0, maxSurge = 0 }: { readonly maxUnavailable?: IntOrPercent; readonly maxSurge?: IntOrPercent },
  path: string,
): FieldError[] {
  const findings = [
    ...validateIntOrPercent(maxUnavailable, `${path}.maxUnavailable`),
    ...validateIntOrPercent(maxSurge, `${path}.maxSurge`),
  ];
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    findings.push(bad(`${path}.maxUnavailable`, maxUnavailable, "may not be 0 when `maxSurge` is 0"));
  }
  return [...findings, ...atMostAll(maxUnavailable, `${path}.maxUnavailable`)];
}
