import { setOwn } from "./members.ts";
import type { DeepReadonly, Json, JsonObject } from "./object.ts";

/** Undoes DeepReadonly: a copy may be changed. */
export type Mutable<T> = T extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { -readonly [K in keyof T]: Mutable<T[K]> }
    : T;

/**
 * Copies of JSON trees. Hand-written: eight times faster than structuredClone, and the copy has the same hidden
 * classes as what JSON.parse makes.
 */
export function deepClone<T>(value: T): Mutable<T>;
/** For a type parameter, named by the caller: `deepClone<T>(object)`. */
export function deepClone<T>(value: DeepReadonly<T>): T;
export function deepClone(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const length = value.length;
    const copy: unknown[] = [];
    for (let index = 0; index < length; index++) copy.push(deepClone(value[index]));
    return copy;
  }
  const source = value as Record<string, unknown>;
  const copy: Record<string, unknown> = {};
  for (const key in source) {
    const item = source[key];
    const cloned = typeof item === "object" && item !== null ? deepClone(item) : item;
    if (key === "__proto__") setOwn(copy, key, cloned);
    else copy[key] = cloned;
  }
  return copy;
}

/** What a JSON text of the value would say: members that are undefined are left out. */
export function jsonCopy(value: unknown): Json {
  if (Array.isArray(value)) return value.map((item: unknown) => (item === undefined ? null : jsonCopy(item)));
  if (typeof value !== "object" || value === null) return value as Json;
  const source = value as Readonly<Record<string, unknown>>;
  const copy: JsonObject = {};
  for (const key in source) {
    const item = source[key];
    if (item === undefined) continue;
    const copied = typeof item === "object" ? jsonCopy(item) : (item as Json);
    if (key === "__proto__") setOwn(copy, key, copied);
    else copy[key] = copied;
  }
  return copy;
}

/**
 * What parsing a JSON text of the value would give: the value itself, as far as nothing in it is undefined. For what
 * nobody changes any more.
 */
export function asParsed<T>(value: T): T;
export function asParsed(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Array.isArray(value) ? itemsAsParsed(value) : membersAsParsed(value as Readonly<Record<string, unknown>>);
}

function itemsAsParsed(items: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    const parsed = item === undefined ? null : asParsed(item);
    if (parsed !== item) copy ??= items.slice(0, index);
    copy?.push(parsed);
  }
  return copy ?? items;
}

function membersAsParsed(members: Readonly<Record<string, unknown>>): object {
  let copy: Record<string, unknown> | undefined;
  for (const key in members) {
    const item = members[key];
    const parsed = asParsed(item);
    if (parsed !== item || item === undefined) copy ??= membersBefore(members, key);
    if (copy !== undefined && parsed !== undefined) setOwn(copy, key, parsed);
  }
  return copy ?? members;
}

function membersBefore(members: Readonly<Record<string, unknown>>, end: string): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key in members) {
    if (key === end) break;
    setOwn(copy, key, members[key]);
  }
  return copy;
}

/** Freezes a tree in place and answers it. Frozen parts are taken as frozen through. */
export function deepFreeze<T>(value: T): DeepReadonly<T>;
export function deepFreeze(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) deepFreeze(item);
  return Object.freeze(value);
}
