import type { MergeType } from "../../schema/merge-type.ts";
import { deepEqual } from "../equal.ts";
import { everyField } from "./every-field.ts";
import { insertNode, leafNode, type FieldSet, type GrowingSet } from "./field-set.ts";
import { fieldElement, type PathElement } from "./path-element.ts";
import {
  isEmptyMap,
  isMembers,
  itemElements,
  itemsIn,
  itemType,
  membersIn,
  memberType,
  type ListType,
  type MapType,
  type Members,
  type Value,
} from "./typed-value.ts";

/** How one object differs from another; no field is in two of the sets. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** One walk over two objects. */
interface Walk {
  readonly added: GrowingSet;
  readonly modified: GrowingSet;
  readonly removed: GrowingSet;
  /** Where the walk is. */
  readonly path: PathElement[];
}

/** Throws TypedError when a list has items that cannot be told apart by its type. */
export function compare(old: Value, now: Value, type: MergeType): Comparison {
  const walk: Walk = { added: new Map(), modified: new Map(), removed: new Map(), path: [] };
  visit(walk, old, now, type);
  return walk;
}

function visit(walk: Walk, old: Value, now: Value, type: MergeType): void {
  if (old === now) return;
  if (isLeaf(old, now, type)) {
    if (!deepEqual(old, now)) insertNode(walk.modified, walk.path, leafNode);
    if (type.type === "untyped") visitMembers(walk, partsOf(old), partsOf(now), type);
  } else if (type.type === "set" || type.type === "keyedList") visitItems(walk, itemsIn(old), itemsIn(now), type);
  else if (type.type !== "atomic") visitMembers(walk, membersIn(old), membersIn(now), type);
}

/** What is owned as a whole; where both sides are empty there is nothing to go into, so that {} differs from null. */
function isLeaf(old: Value, now: Value, type: MergeType): boolean {
  switch (type.type) {
    case "atomic":
      return true;
    case "map":
      return isEmptyMap(membersIn(old)) && isEmptyMap(membersIn(now));
    case "untyped":
      return !isMapOrNull(old) || !isMapOrNull(now) || (isEmptyMap(partsOf(old)) && isEmptyMap(partsOf(now)));
    default:
      return itemsIn(old).length === 0 && itemsIn(now).length === 0;
  }
}

function isMapOrNull(value: Value): boolean {
  return value === null || isMembers(value);
}

/** Where a map without a schema gives way to a scalar, or the other way round, its members go or come too. */
function partsOf(value: Value): Members {
  return isMembers(value) ? value : {};
}

function visitMembers(walk: Walk, old: Members, now: Members, type: MapType): void {
  for (const name in old) visitMember(walk, name, old[name], Object.hasOwn(now, name) ? now[name] : undefined, type);
  for (const name in now)
    if (!Object.hasOwn(old, name) || old[name] === undefined) visitMember(walk, name, undefined, now[name], type);
}

function visitMember(walk: Walk, name: string, old: Value | undefined, now: Value | undefined, type: MapType): void {
  if (old === now) return;
  const inner = memberType(type, name);
  // What the schema does not know belongs to nobody.
  if (inner === undefined) return;
  walk.path.push(fieldElement(name));
  visitEither(walk, old, now, inner);
  walk.path.pop();
}

function visitItems(walk: Walk, old: readonly Value[], now: readonly Value[], type: ListType): void {
  if (deepEqual(old, now)) return;
  const before = byElement(old, type);
  const after = byElement(now, type);
  for (const [element, items] of before) visitItem(walk, element, items, after.get(element) ?? [], type);
  for (const [element, items] of after) if (!before.has(element)) visitItem(walk, element, [], items, type);
}

function byElement(items: readonly Value[], type: ListType): Map<PathElement, Value[]> {
  const found = new Map<PathElement, Value[]>();
  itemElements(items, type).forEach((element, index) => {
    const item = items[index] ?? null;
    const same = found.get(element);
    if (same === undefined) found.set(element, [item]);
    else same.push(item);
  });
  return found;
}

/** What only one side has is added or removed with all that is in it. */
function visitEither(walk: Walk, old: Value | undefined, now: Value | undefined, type: MergeType): void {
  if (old === undefined) {
    if (now !== undefined) insertNode(walk.added, walk.path, everyField(now, type));
  } else if (now === undefined) insertNode(walk.removed, walk.path, everyField(old, type));
  else visit(walk, old, now, type);
}

/** Items that are there more than once are owned together, as a whole: what is in them counts only while there is one. */
function visitItem(
  walk: Walk,
  element: PathElement,
  old: readonly Value[],
  now: readonly Value[],
  type: ListType,
): void {
  walk.path.push(element);
  const wasMany = old.length > 1;
  const isMany = now.length > 1;
  if (wasMany && isMany) {
    if (!deepEqual(old, now)) insertNode(walk.modified, walk.path, leafNode);
  } else {
    visitEither(walk, wasMany ? undefined : old[0], isMany ? undefined : now[0], itemType(type));
    if (wasMany) insertNode(walk.removed, walk.path, leafNode);
    if (isMany) insertNode(walk.added, walk.path, leafNode);
  }
  walk.path.pop();
}
