import type { MergeType } from "../../schema/merge-type.ts";
import { deepClone } from "../clone.ts";
import { setOwn } from "../members.ts";
import type { Json, JsonObject } from "../object.ts";
import { mergedOrder } from "./list-order.ts";
import type { PathElement } from "./path-element.ts";
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
  type Value,
} from "./typed-value.ts";

/**
 * What was applied over what is there: nothing goes away, and where both say something, the applied value stays.
 * The result shares nothing with either.
 */
export function mergeObjects(live: Value, applied: Value, type: MergeType): Json {
  switch (type.type) {
    case "atomic":
      return copy(applied);
    case "map":
      return mergeMaps(live, applied, type);
    case "untyped":
      return isMembers(live) && (applied === null || isMembers(applied))
        ? mergeMaps(live, applied, type)
        : copy(applied);
    default:
      return mergeLists(live, applied, type);
  }
}

function copy(value: Value): Json {
  return deepClone<Json>(value);
}

function mergeMaps(live: Value, applied: Value, type: MapType): Json {
  const old = membersIn(live);
  const now = membersIn(applied);
  if (isEmptyMap(old)) return copy(isEmptyMap(now) ? applied : now);
  if (isEmptyMap(now)) return copy(live);
  const merged: JsonObject = {};
  for (const name in old) {
    const before = old[name];
    const after = Object.hasOwn(now, name) ? now[name] : undefined;
    const inner = memberType(type, name);
    if (before === undefined) continue;
    setOwn(
      merged,
      name,
      after === undefined || inner === undefined ? copy(before) : mergeObjects(before, after, inner),
    );
  }
  for (const name in now) {
    const after = now[name];
    if (after !== undefined && !Object.hasOwn(merged, name)) setOwn(merged, name, copy(after));
  }
  return merged;
}

function mergeLists(live: Value, applied: Value, type: ListType): Json {
  const old = itemsIn(live);
  const now = itemsIn(applied);
  if (old.length === 0) return copy(now.length === 0 ? applied : now);
  if (now.length === 0) return copy(live);
  const oldElements = itemElements(old, type);
  const nowElements = itemElements(now, type);
  const liveItems = onlyItems(old, oldElements);
  return mergedOrder(oldElements, nowElements).map((taken) => {
    if ("live" in taken) return copy(old[taken.live] ?? null);
    const before = liveItems.get(nowElements[taken.applied] ?? "");
    const after = now[taken.applied] ?? null;
    return before === undefined ? copy(after) : mergeObjects(before, after, itemType(type));
  });
}

/** By element; an item that is there more than once is merged with nothing. */
function onlyItems(items: readonly Value[], elements: readonly PathElement[]): Map<PathElement, Value | undefined> {
  const found = new Map<PathElement, Value | undefined>();
  elements.forEach((element, index) => found.set(element, found.has(element) ? undefined : items[index]));
  return found;
}
