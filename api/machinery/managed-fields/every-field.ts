import type { MergeType } from "../../schema/merge-type.ts";
import { fieldNode, leafNode, type FieldNode } from "./field-set.ts";
import { fieldElement, type PathElement } from "./path-element.ts";
import {
  isMembers,
  itemElements,
  itemsIn,
  itemType,
  membersIn,
  memberType,
  type ListType,
  type MapType,
  type Value,
} from "./typed-value.ts";

/** A value and every field in it, maps and structs too: what comes and goes with it. */
export function everyField(value: Value, type: MergeType): FieldNode {
  switch (type.type) {
    case "atomic":
      return leafNode;
    case "map":
      return ofMembers(value, type);
    case "untyped":
      return isMembers(value) ? ofMembers(value, type) : leafNode;
    default:
      return ofItems(value, type);
  }
}

function ofMembers(value: Value, type: MapType): FieldNode {
  const members = membersIn(value);
  const below = new Map<PathElement, FieldNode>();
  for (const name in members) {
    const member = members[name];
    const inner = member === undefined ? undefined : memberType(type, name);
    if (member !== undefined && inner !== undefined) below.set(fieldElement(name), everyField(member, inner));
  }
  return fieldNode(true, below);
}

function ofItems(value: Value, type: ListType): FieldNode {
  const items = itemsIn(value);
  const elements = itemElements(items, type);
  const below = new Map<PathElement, FieldNode>();
  elements.forEach((element, index) => {
    const item = items[index] ?? null;
    // Items that cannot be told apart are one field, without what is in them.
    below.set(element, below.has(element) ? leafNode : everyField(item, itemType(type)));
  });
  return fieldNode(true, below);
}
