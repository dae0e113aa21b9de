/** What a value is to its merge type. */
import type { MergeType } from "../../schema/merge-type.ts";
import { isObject } from "../members.ts";
import type { DeepReadonly, Json } from "../object.ts";
import { itemElement, type PathElement } from "./path-element.ts";
import { TypedError } from "./typed-error.ts";

export type Value = DeepReadonly<Json>;
export type Members = Readonly<Record<string, Value | undefined>>;
export type MapType = Extract<MergeType, { type: "map" | "untyped" }>;
export type ListType = Extract<MergeType, { type: "set" | "keyedList" }>;

const untyped: MergeType = { type: "untyped" };
const scalar: MergeType = { type: "atomic" };

export function isMembers(value: Value | undefined): value is Members {
  return isObject(value);
}

/** The type of a member; undefined: the schema has no such field. */
export function memberType(type: MapType, name: string): MergeType | undefined {
  return type.type === "untyped" ? untyped : type.member(name);
}

/** A member that the schema names is there for all; one that it does not name is there because somebody put it there. */
export function isDeclared(type: MapType, name: string): boolean {
  if (type.type === "untyped" || type.member(name) === undefined) return false;
  return type.declares?.(name) ?? true;
}

export function itemType(type: ListType): MergeType {
  return type.type === "set" ? (type.item ?? scalar) : type.item;
}

/** Null and absent maps and lists have nothing in them. Throws TypedError for another kind of value. */
export function membersIn(value: Value | undefined): Members {
  if (value === undefined || value === null) return {};
  if (!isMembers(value)) throw new TypedError("expected map");
  return value;
}

export function itemsIn(value: Value | undefined): readonly Value[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new TypedError("expected list");
  return value;
}

export function isEmptyMap(members: Members): boolean {
  for (const name in members) if (members[name] !== undefined) return false;
  return true;
}

export function itemElements(items: readonly Value[], type: ListType): PathElement[] {
  return items.map((item) => itemElement(item, type));
}
