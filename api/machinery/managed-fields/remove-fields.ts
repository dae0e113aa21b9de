import type { MergeType } from "../../schema/merge-type.ts";
import { deepClone } from "../clone.ts";
import { setOwn } from "../members.ts";
import type { Json, JsonObject } from "../object.ts";
import type { FieldSet } from "./field-set.ts";
import { fieldElement, itemElement } from "./path-element.ts";
import {
  isMembers,
  itemType,
  memberType,
  type ListType,
  type MapType,
  type Members,
  type Value,
} from "./typed-value.ts";

/**
 * A copy of the value without the given fields, each with all that is below it. A map or list that loses what is in it
 * stays, empty, unless it goes itself.
 */
export function removeFields(value: Value, gone: FieldSet, type: MergeType): Json {
  if (Array.isArray(value))
    return type.type === "set" || type.type === "keyedList" ? withoutItems(value, gone, type) : [];
  if (!isMembers(value)) return deepClone<Json>(value);
  return type.type === "map" || type.type === "untyped" ? withoutMembers(value, gone, type) : {};
}

function withoutMembers(members: Members, gone: FieldSet, type: MapType): Json {
  const kept: JsonObject = {};
  for (const name in members) {
    const member = members[name];
    const node = gone.get(fieldElement(name));
    if (member !== undefined && node?.owned !== true)
      setOwn(kept, name, rest(member, node?.below, memberType(type, name)));
  }
  return kept;
}

function withoutItems(items: readonly Value[], gone: FieldSet, type: ListType): Json {
  const kept: Json[] = [];
  for (const item of items) {
    const node = gone.get(itemElement(item, type));
    if (node?.owned !== true) kept.push(rest(item, node?.below, itemType(type)));
  }
  return kept;
}

function rest(value: Value, gone: FieldSet | undefined, type: MergeType | undefined): Json {
  return gone === undefined || type === undefined ? deepClone<Json>(value) : removeFields(value, gone, type);
}
