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

/** Assigns any key as data: `object["__proto__"] = …` would change the prototype instead. */
export function setOwn<V>(object: Record<string, V>, key: string, value: V): void {
  if (key === "__proto__")
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}

/** Reads any key as data: `object["constructor"]` would find the prototype's. */
export function getOwn<V>(object: { readonly [key: string]: V }, key: string): V | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Equal as JSON: the order of keys does not count, and an undefined member is an absent one. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b);
  return !Array.isArray(b) && equalObjects(a as Record<string, unknown>, b as Record<string, unknown>);
}

function equalLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (!deepEqual(a[index], b[index])) return false;
  return true;
}

function equalObjects(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  let members = 0;
  for (const key in a) {
    const item = a[key];
    if (item === undefined) continue;
    members++;
    if (!Object.hasOwn(b, key) || !deepEqual(item, b[key])) return false;
  }
  for (const key in b) if (b[key] !== undefined) members--;
  return members === 0;
}

/** Freezes a tree in place and answers it. Frozen parts are taken as frozen through. */
export function deepFreeze<T>(value: T): DeepReadonly<T>;
export function deepFreeze(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) deepFreeze(item);
  return Object.freeze(value);
}
