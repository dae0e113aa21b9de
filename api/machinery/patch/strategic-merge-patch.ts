import type { Field, StructType, ValueType } from "../../schema/schema.ts";
import { deepClone } from "../clone.ts";
import { deepEqual } from "../equal.ts";
import { getOwn, isObject, setOwn } from "../members.ts";
import type { Json, JsonObject } from "../object.ts";
import {
  badPatch,
  contentOf,
  deletionPrefix,
  elementOrderPrefix,
  goText,
  isList,
  keyOf,
  keysOf,
  membersOf,
  noMergeKey,
  patchDirective,
  type PatchObject,
  type PatchValue,
  retainKeysDirective,
  unknownPatchType,
} from "./directives.ts";
import { type Identify, orderElements } from "./element-order.ts";

/** Merges as the fields of `type` say: lists by merge key, maps and structs member by member. Shares nothing with the arguments. */
export function applyStrategicMergePatch(original: PatchValue, patch: PatchValue, type: StructType): JsonObject {
  if (!isObject(patch) || !isObject(original)) throw badPatch("invalid JSON document");
  return mergeObject(deepClone<JsonObject>(original), patch, { type: "struct", of: type });
}

/** The type of a value, where one is known. */
type Typed = ValueType | undefined;

function memberType(of: Typed, key: string): { readonly type: Typed; readonly field: Field | undefined } {
  if (of?.type === "map") return { type: of.of, field: undefined };
  const field = of?.type === "struct" || of?.type === "schemaOr" ? of.of.fields.get(key) : undefined;
  return { type: field?.value, field };
}

/** `target` belongs to this function, as to all below. */
function mergeObject(target: JsonObject, patch: PatchObject, type: Typed): JsonObject {
  if (Object.hasOwn(patch, patchDirective)) return replaceObject(patch);
  retainKeys(target, patch);
  const done = applyElementOrders(target, patch, type);
  const deletions: [key: string, value: PatchValue][] = [];
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined || key === retainKeysDirective || key.startsWith(elementOrderPrefix) || done.has(key))
      continue;
    if (key.startsWith(deletionPrefix)) deletions.push([key.slice(deletionPrefix.length), value]);
    else mergeMember(target, key, value, type);
  }
  for (const [key, value] of deletions) deletePrimitives(target, key, value);
  return target;
}

function replaceObject(patch: PatchObject): JsonObject {
  const directive = getOwn(patch, patchDirective);
  if (directive === "replace") return membersOf(patch);
  if (directive === "delete") return {};
  throw unknownPatchType(directive, patch);
}

function mergeMember(target: JsonObject, key: string, value: PatchValue, of: Typed): void {
  const old = getOwn(target, key);
  if (value === null) {
    delete target[key];
    return;
  }
  const { type, field } = memberType(of, key);
  if (isObject(old) && isObject(value)) {
    const isReplaced =
      field?.patchStrategy !== undefined && !field.patchStrategy.merge && !field.patchStrategy.retainKeys;
    setOwn(target, key, isReplaced ? membersOf(value) : mergeObject(old, value, type));
    return;
  }
  if (Array.isArray(old) && isList(value)) {
    setOwn(target, key, mergeList(old, value, type, field));
    return;
  }
  const content = contentOf(value);
  if (content === undefined) delete target[key];
  else setOwn(target, key, content);
}

/** `$retainKeys`: what is not named goes, and the patch may bring nothing else (unions: a Deployment's strategy, volumes). */
function retainKeys(target: JsonObject, patch: PatchObject): void {
  if (!Object.hasOwn(patch, retainKeysDirective)) return;
  const retained = getOwn(patch, retainKeysDirective);
  if (!isList(retained)) throw badPatch("invalid patch format of retainKeys");
  const kept = new Set(retained);
  for (const [key, value] of Object.entries(patch)) {
    const isContent =
      value !== null &&
      key !== retainKeysDirective &&
      !key.startsWith(deletionPrefix) &&
      !key.startsWith(elementOrderPrefix);
    if (isContent && !kept.has(key)) throw badPatch("invalid patch format of retainKeys");
  }
  for (const key of Object.keys(target)) if (!kept.has(key)) delete target[key];
}

/** `$setElementOrder/<list>`, together with the patch of that list; answers the members that are done. */
function applyElementOrders(target: JsonObject, patch: PatchObject, of: Typed): ReadonlySet<string> {
  const done = new Set<string>();
  for (const [directive, order] of Object.entries(patch)) {
    if (!directive.startsWith(elementOrderPrefix)) continue;
    const key = directive.slice(elementOrderPrefix.length);
    const { type, field } = memberType(of, key);
    const old = getOwn(target, key);
    const change = getOwn(patch, key);
    if (!isList(order) || (old !== undefined && !Array.isArray(old)) || (change !== undefined && !isList(change))) {
      throw badPatch("invalid patch format of setElementOrder list");
    }
    if (change !== undefined) requireSameOrder(change, order, field?.patchMergeKey);
    if (old === undefined && change === undefined) continue;
    const merged =
      change === undefined
        ? (old ?? [])
        : old === undefined
          ? listContent(change)
          : mergeList(old, change, type, field);
    setOwn(target, key, orderElements(merged, order, old ?? [], identifyBy(field?.patchMergeKey)));
    done.add(key);
  }
  return done;
}

function identifyBy(mergeKey: string | undefined): Identify {
  return mergeKey === undefined ? (item) => item : (item) => keyOf(item, mergeKey);
}

function listContent(list: readonly PatchValue[]): Json[] {
  return list.map(contentOf).filter((item) => item !== undefined);
}

/** What the patch brings must be named by its `$setElementOrder`, in the same order. */
function requireSameOrder(
  change: readonly PatchValue[],
  order: readonly PatchValue[],
  mergeKey: string | undefined,
): void {
  if (change.length === 0 || order.length === 0) return;
  const identify = identifyBy(mergeKey);
  const added = change.filter(
    (item) => mergeKey === undefined || !(isObject(item) && Object.hasOwn(item, patchDirective)),
  );
  let next = 0;
  for (const item of order) {
    const wanted = added[next];
    if (wanted !== undefined && deepEqual(identify(wanted), identify(item))) next++;
  }
  if (next === added.length) return;
  throw badPatch(
    `the order in patch list:\n${goText(change)}\n doesn't match $setElementOrder list:\n${goText(order)}`,
  );
}

function mergeList(old: Json[], change: readonly PatchValue[], type: Typed, field: Field | undefined): Json[] {
  if (field?.patchStrategy?.merge !== true) return listContent(change);
  if (old.length === 0 && change.length === 0) return old;
  const items: readonly PatchValue[] = [...old, ...change];
  if (items.some(isList)) throw badPatch("lists of lists are not supported");
  const objects = items.filter(isObject).length;
  if (objects === 0) return mergePrimitives(old, change);
  if (objects < items.length) throw badPatch("the items of a list must all be maps, or none");
  if (field.patchMergeKey === undefined) throw badPatch("cannot merge lists without merge key for type struct");
  return mergeObjects(old, change, type?.type === "list" ? type.of : undefined, field.patchMergeKey);
}

/** A set in the order of the patch. */
function mergePrimitives(old: readonly Json[], change: readonly PatchValue[]): Json[] {
  const merged = [...new Set([...old, ...change.map((item) => deepClone<Json>(item))])];
  return orderElements(merged, change, old, (item) => item);
}

function mergeObjects(old: readonly Json[], change: readonly PatchValue[], itemType: Typed, mergeKey: string): Json[] {
  const { deleted, replaced, items } = listDirectives(change, mergeKey);
  if (replaced) return listContent(items);
  const server = old.filter((item) => !(isObject(item) && deleted.has(getOwn(item, mergeKey) ?? null)));
  const merged = [...server];
  const places = new Map<PatchValue, number>();
  keysOf(server, mergeKey).forEach((key, place) => places.has(key) || places.set(key, place));
  for (const item of items) {
    const key = keyOf(item, mergeKey);
    const place = places.get(key);
    const target = place === undefined ? undefined : merged[place];
    if (place !== undefined && isObject(target)) {
      merged[place] = mergeObject(target, item, itemType);
      continue;
    }
    const content = contentOf(item);
    if (content === undefined) continue;
    places.set(key, merged.length);
    merged.push(content);
  }
  return orderElements(merged, items, server, identifyBy(mergeKey));
}

interface ListDirectives {
  /** Merge keys of `$patch: delete` items. */
  readonly deleted: ReadonlySet<PatchValue>;
  /** A `$patch: replace` item stands among them. */
  readonly replaced: boolean;
  readonly items: readonly PatchObject[];
}

function listDirectives(change: readonly PatchValue[], mergeKey: string): ListDirectives {
  const deleted = new Set<PatchValue>();
  const items: PatchObject[] = [];
  let replaced = false;
  for (const item of change) {
    if (!isObject(item)) throw noMergeKey(item, mergeKey);
    const directive = getOwn(item, patchDirective);
    if (directive === undefined) items.push(item);
    else if (directive === "delete") deleted.add(keyOf(item, mergeKey));
    else if (directive === "replace") replaced = true;
    else if (directive === "merge") throw badPatch("merging lists cannot yet be specified in the patch");
    else throw unknownPatchType(directive, item);
  }
  return { deleted, replaced, items };
}

/** `$deleteFromPrimitiveList/<list>`. Null deletes the list, as upstream has it. */
function deletePrimitives(target: JsonObject, key: string, value: PatchValue): void {
  if (value === null) {
    delete target[key];
    return;
  }
  if (!isList(value)) throw badPatch("invalid patch format of primitive list");
  const old = getOwn(target, key);
  if (!Array.isArray(old)) return;
  const deleted = new Set<PatchValue>(value);
  setOwn(
    target,
    key,
    old.filter((item) => !deleted.has(item)),
  );
}
