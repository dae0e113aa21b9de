import type { CelType } from "../cel.ts";

/** What the checker works with: declared types, and those that only expressions have. */
export type Type =
  | CelType
  | { readonly type: "list"; readonly of: Type; readonly maxItems?: number }
  /** Without `key`: strings. */
  | { readonly type: "map"; readonly key?: Type; readonly of: Type; readonly maxItems?: number }
  | { readonly type: "optional"; readonly of: Type }
  /** The type of a type: what `int` is. */
  | { readonly type: "type"; readonly of: Type }
  /** Stands for any type, the same wherever it is named. */
  | { readonly type: "parameter"; readonly name: string }
  /** Of an expression with an issue: fits everywhere, so that one mistake is told once. */
  | { readonly type: "error" };

export const boolType: Type = { type: "bool" };
export const intType: Type = { type: "int" };
export const uintType: Type = { type: "uint" };
export const doubleType: Type = { type: "double" };
export const stringType: Type = { type: "string" };
export const bytesType: Type = { type: "bytes" };
export const nullType: Type = { type: "null" };
export const timestampType: Type = { type: "timestamp" };
export const durationType: Type = { type: "duration" };
export const dynType: Type = { type: "dyn" };
export const errorType: Type = { type: "error" };

export function listOf(of: Type): Type {
  return { type: "list", of };
}

export function mapOf(key: Type, of: Type): Type {
  return { type: "map", key, of };
}

export function optionalOf(of: Type): Type {
  return { type: "optional", of };
}

export function parameter(name: string): Type {
  return { type: "parameter", name };
}

export function opaque(name: string): Type {
  return { type: "opaque", name };
}

export function keyOf(type: Extract<Type, { type: "map" }>): Type {
  return type.key ?? stringType;
}

/** As messages name it. */
export function typeText(type: Type): string {
  switch (type.type) {
    case "list":
      return `list(${typeText(type.of)})`;
    case "map":
      return `map(${typeText(keyOf(type))}, ${typeText(type.of)})`;
    case "optional":
      return `optional_type(${typeText(type.of)})`;
    case "type":
      return `type(${typeText(type.of)})`;
    case "object":
      return type.of.name;
    case "opaque":
    case "parameter":
      return type.name;
    case "error":
      return "!error!";
    case "bool":
    case "int":
    case "uint":
    case "double":
    case "string":
    case "bytes":
    case "timestamp":
    case "duration":
    case "null":
    case "dyn":
      return type.type;
  }
}

export function isDyn(type: Type): boolean {
  return type.type === "dyn" || type.type === "error";
}

/** As declarations have it: what only the checker knows becomes dyn. */
export function declaredType(type: Type): CelType {
  switch (type.type) {
    case "list":
      return { ...type, of: declaredType(type.of) };
    case "map":
      return { ...type, key: declaredType(keyOf(type)), of: declaredType(type.of) };
    case "optional":
      return { type: "optional", of: declaredType(type.of) };
    case "type":
    case "parameter":
    case "error":
      return { type: "dyn" };
    case "bool":
    case "int":
    case "uint":
    case "double":
    case "string":
    case "bytes":
    case "timestamp":
    case "duration":
    case "null":
    case "dyn":
    case "object":
    case "opaque":
      return type;
  }
}
