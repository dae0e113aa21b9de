/** Members of JSON objects. Keys are data: `__proto__` and `constructor` are keys like any other. */
import type { Json, JsonObject } from "./object.ts";

/** Neither null nor a list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `object["constructor"]` would find the prototype's. */
export function getOwn<V>(object: { readonly [key: string]: V }, key: string): V | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** `object["__proto__"] = …` would change the prototype instead. */
export function setOwn<V>(object: Record<string, V>, key: string, value: V): void {
  if (key === "__proto__")
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}

/** From here on: a member of another type is as good as absent, in objects that `conform` has passed. */
export function objectAt(object: JsonObject | undefined, field: string): JsonObject | undefined {
  const value = object?.[field];
  return isObject(value) ? value : undefined;
}

/** The structs of a list. */
export function itemsAt(object: JsonObject | undefined, field: string): readonly JsonObject[] {
  const value = object?.[field];
  return Array.isArray(value) ? value.filter((item) => isObject(item)) : [];
}

export function textAt(object: JsonObject | undefined, field: string): string {
  const value = object?.[field];
  return typeof value === "string" ? value : "";
}

/** Whether a list or a map has anything in it. */
export function isFilled(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return isObject(value) && Object.keys(value).length > 0;
}
