import type { MergeType } from "../../schema/merge-type.ts";
import { fieldNode, leafNode, noFields, type FieldNode, type FieldSet } from "./field-set.ts";
import { fieldElement, type PathElement } from "./path-element.ts";
import {
  isDeclared,
  isEmptyMap,
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

/**
 * The fields that somebody who applies this object says something about: leaves, items of lists, keys of maps. A struct
 * is not a field by itself, unless it is null or empty.
 */
export function fieldsOf(object: Value, type: MergeType): FieldSet {
  return nodeOf(object, type).below ?? noFields;
}

function nodeOf(value: Value, type: MergeType): FieldNode {
  switch (type.type) {
    case "atomic":
      return leafNode;
    case "map":
      return fieldNode(false, fieldsOfMap(value, type));
    case "untyped":
      return value === null || isMembers(value) ? fieldNode(false, fieldsOfMap(value, type)) : leafNode;
    default:
      return fieldNode(false, fieldsOfList(value, type));
  }
}

function fieldsOfMap(value: Value, type: MapType): FieldSet {
  const members = membersIn(value);
  const fields = new Map<PathElement, FieldNode>();
  for (const name in members) {
    const member = members[name];
    const inner = memberType(type, name);
    if (member === undefined || inner === undefined) continue;
    const { owned, below } = nodeOf(member, inner);
    const owns = owned || isBare(member) || !isDeclared(type, name);
    if (owns || below !== undefined) fields.set(fieldElement(name), fieldNode(owns, below));
  }
  return fields;
}

/** An empty list is not a field, but an empty map is: upstream's choice. */
function isBare(value: Value): boolean {
  return value === null || (isMembers(value) && isEmptyMap(value));
}

function fieldsOfList(value: Value, type: ListType): FieldSet {
  const items = itemsIn(value);
  const elements = itemElements(items, type);
  const fields = new Map<PathElement, FieldNode>();
  items.forEach((item, index) => {
    const element = elements[index] ?? "";
    // Items that cannot be told apart are owned together, without what is in them.
    if (fields.has(element)) fields.set(element, leafNode);
    else fields.set(element, fieldNode(true, nodeOf(item, itemType(type)).below));
  });
  return fields;
}
