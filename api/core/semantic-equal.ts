import type { FieldError } from "../machinery/status.ts";
import { bad } from "./findings.ts";

/**
 * Equal as upstream's semantic equality has it: what is absent equals what is empty, since Go's wire form cannot
 * tell a nil list or map from an empty one.
 */
export function semanticEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (isEmpty(left) && isEmpty(right)) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  for (const key of keys) if (!semanticEqual(member(left, key), member(right, key))) return false;
  return true;
}

/** A generic walk over data of any shape: the one place where a key is looked up in an unknown object. */
function member(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** The finding for a field that may not change. */
export function immutable(field: string, value: unknown, old: unknown): FieldError[] {
  return semanticEqual(value, old) ? [] : [bad(field, value ?? null, "field is immutable")];
}

/** The names of the members that differ, for messages that show what a write tried to change. */
export function changedMembers(left: object, right: object): string[] {
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].filter((key) => !semanticEqual(member(left, key), member(right, key))).sort();
}
