import { deepClone } from "../clone.ts";
import { getOwn, isObject, setOwn } from "../members.ts";
import type { DeepReadonly, Json, JsonObject } from "../object.ts";
import { ApiError } from "../status.ts";

/**
 * What a strategic merge patch may say besides values.
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
export const patchDirective = "$patch";
export const retainKeysDirective = "$retainKeys";
export const elementOrderPrefix = "$setElementOrder/";
export const deletionPrefix = "$deleteFromPrimitiveList/";

export type PatchValue = DeepReadonly<Json>;
export type PatchObject = DeepReadonly<JsonObject>;

export function isList(value: unknown): value is readonly PatchValue[] {
  return Array.isArray(value);
}

export function badPatch(message: string): ApiError {
  return new ApiError("BadRequest", message);
}

export function noMergeKey(item: PatchValue, mergeKey: string): ApiError {
  return badPatch(`map: ${goText(item)} does not contain declared merge key: ${mergeKey}`);
}

export function unknownPatchType(directive: PatchValue | undefined, item: PatchValue): ApiError {
  return badPatch(`unknown patch type: ${goText(directive ?? null)} in map: ${goText(item)}`);
}

/** As Go's `%v` shows a value; a long one is cut. */
export function goText(value: PatchValue | undefined): string {
  const text = showAll(value);
  return text.length > 1000 ? `${text.slice(0, 1000)}…` : text;
}

function showAll(value: PatchValue | undefined): string {
  if (value === null || value === undefined) return "<nil>";
  if (isList(value)) return `[${value.map(showAll).join(" ")}]`;
  if (!isObject(value)) return String(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `map[${members.map(([key, item]) => `${key}:${showAll(item)}`).join(" ")}]`;
}

function isDirective(key: string): boolean {
  return (
    key === patchDirective ||
    key === retainKeysDirective ||
    key.startsWith(elementOrderPrefix) ||
    key.startsWith(deletionPrefix)
  );
}

/**
 * A copy of what a patch adds where nothing was: nulls have nothing to delete, directives nothing to direct, and what
 * is marked by `$patch` is not content. Undefined when nothing is left to add.
 */
export function contentOf(value: PatchValue): Json | undefined {
  if (isList(value)) return value.map(contentOf).filter((item) => item !== undefined);
  if (!isObject(value)) return deepClone<Json>(value);
  if (Object.hasOwn(value, patchDirective)) return undefined;
  return membersOf(value);
}

/** The same for an object whose own `$patch: replace` is obeyed. */
export function membersOf(value: PatchObject): JsonObject {
  const content: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    const kept = item === null || item === undefined || isDirective(key) ? undefined : contentOf(item);
    if (kept !== undefined) setOwn(content, key, kept);
  }
  return content;
}

/** The merge key's value of every item; refuses items without one. */
export function keysOf(items: readonly PatchValue[], mergeKey: string): PatchValue[] {
  return items.map((item) => keyOf(item, mergeKey));
}

export function keyOf(item: PatchValue, mergeKey: string): PatchValue {
  const key = isObject(item) ? getOwn(item, mergeKey) : undefined;
  if (key === undefined) throw noMergeKey(item, mergeKey);
  return key;
}
