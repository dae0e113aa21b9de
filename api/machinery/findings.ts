import { semanticEqual } from "./equal.ts";
import type { FieldError } from "./field-error.ts";
import { inclusiveRange, type Problems } from "./names.ts";

/** Short names for upstream's field errors, so that a rule reads as one line. */
export function required(field: string, detail = ""): FieldError {
  return { type: "Required", field, detail };
}

export function bad(field: string, value: unknown, detail: string): FieldError {
  return { type: "Invalid", field, value, detail };
}

export function forbidden(field: string, detail: string): FieldError {
  return { type: "Forbidden", field, detail };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { type: "Duplicate", field, value, detail: "" };
}

export function notFound(field: string, value: unknown, detail = ""): FieldError {
  return { type: "NotFound", field, value, detail };
}

export function tooLong(field: string, bytes: number): FieldError {
  return { type: "TooLong", field, detail: `may not be more than ${bytes} ${bytes === 1 ? "byte" : "bytes"}` };
}

export function tooMany(field: string, count: number, most: number): FieldError {
  return { type: "TooMany", field, value: count, detail: `must have at most ${most} ${most === 1 ? "item" : "items"}` };
}

export function unsupported(field: string, value: unknown, allowed: readonly string[]): FieldError {
  return unsupportedInOrder(field, value, allowed.toSorted());
}

/** For the few lists that upstream does not sort. */
export function unsupportedInOrder(field: string, value: unknown, allowed: readonly string[]): FieldError {
  const supported = allowed.map((one) => JSON.stringify(one));
  return { type: "NotSupported", field, value, detail: `supported values: ${supported.join(", ")}` };
}

/** For a field that may be unset, or be one of these. */
export function oneOf(field: string, value: string | undefined, allowed: readonly string[]): FieldError[] {
  return value === undefined || allowed.includes(value) ? [] : [unsupported(field, value, allowed)];
}

/** One finding for each thing that a rule for names has to say. */
export function named(field: string, value: unknown, problems: Problems): FieldError[] {
  return problems.map((problem) => bad(field, value, problem));
}

/** As `named`, for a name that must be there. */
export function requiredName(
  field: string,
  value: string | undefined,
  rule: (value: string) => Problems,
): FieldError[] {
  return value === undefined || value === "" ? [required(field)] : named(field, value, rule(value));
}

export function nonNegative(field: string, value: number | undefined): FieldError[] {
  return value !== undefined && value < 0 ? [bad(field, value, "must be greater than or equal to 0")] : [];
}

export function between(field: string, value: number | undefined, low: number, high: number): FieldError[] {
  return value !== undefined && (value < low || value > high) ? [bad(field, value, inclusiveRange(low, high))] : [];
}

/** The finding for a field that may not change. */
export function immutable(field: string, value: unknown, old: unknown): FieldError[] {
  return semanticEqual(value, old) ? [] : [bad(field, value ?? null, "field is immutable")];
}
