/**
 * The second half of decoding a custom resource: members that its schema does not know go, and so do nulls that it does
 * not allow. Metadata, the object's and that of objects embedded in it, becomes what Go's ObjectMeta would hold.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning
 */
import { isObject, setOwn } from "../../machinery/members.ts";
import type { DeepReadonly, Json, JsonObject } from "../../machinery/object.ts";
import { memberSchema, type Structural } from "./structural.ts";

type Value = DeepReadonly<Json>;
type Members = DeepReadonly<JsonObject>;

export interface Pruned {
  /** A copy with sorted keys, as Go prints maps. */
  readonly value: Json;
  /** Paths such as `spec.list[0].foo`, sorted. */
  readonly unknown: readonly string[];
}

export interface PruneOptions {
  /** The value is an object of the API itself, whatever the schema says. */
  readonly isResource?: boolean;
  /** Makes metadata canonical. Without it metadata stays as it is. */
  readonly metadata?: (value: Value, path: string) => { value: Json; unknown: readonly string[] };
  /** Throws for what may not stand as apiVersion or kind of an embedded object. */
  readonly typeMeta?: (value: Value, path: string) => void;
}

interface Walk extends PruneOptions {
  readonly unknown: string[];
  readonly path: (string | number)[];
}

const mostUnknown = 100;

export function prune(value: Value, schema: Structural, options: PruneOptions = {}): Pruned {
  const walk: Walk = { ...options, unknown: [], path: [] };
  const pruned =
    options.isResource === true && isObject(value)
      ? pruneObject(value as Members, schema, true, walk)
      : pruneValue(value, schema, walk);
  return { value: pruned, unknown: walk.unknown.sort() };
}

/** Without a schema nothing in it is known. */
function pruneValue(value: Value, schema: Structural | undefined, walk: Walk): Json {
  if (Array.isArray(value)) return pruneList(value, schema, walk);
  if (isObject(value)) return pruneObject(value as Members, schema, schema?.embedded === true, walk);
  return value as Json;
}

function pruneList(value: readonly Value[], schema: Structural | undefined, walk: Walk): Json[] {
  // A list that keeps what is unknown keeps it in its items too.
  const isFree = schema?.preserveUnknown === true;
  if (isFree && schema.items === undefined) return value.map(sortedCopy);
  const items = isFree && schema.items !== undefined ? preserving(schema.items) : schema?.items;
  const made: Json[] = [];
  for (const [index, item] of value.entries()) {
    walk.path.push(index);
    made.push(pruneValue(item, items, walk));
    walk.path.pop();
  }
  return made;
}

function preserving(schema: Structural): Structural {
  return schema.preserveUnknown ? schema : { ...schema, preserveUnknown: true };
}

function pruneObject(value: Members, schema: Structural | undefined, isResource: boolean, walk: Walk): JsonObject {
  const made: JsonObject = {};
  for (const key of sortedKeys(value)) {
    const item = value[key];
    if (item === undefined) continue;
    walk.path.push(key);
    const kept = isResource && isMeta(key) ? pruneMeta(key, item, walk) : pruneMember(key, item, schema, walk);
    walk.path.pop();
    if (kept !== undefined) setOwn(made, key, kept);
  }
  return made;
}

function pruneMember(key: string, item: Value, schema: Structural | undefined, walk: Walk): Json | undefined {
  const member = memberSchema(schema, key);
  if (member === undefined) {
    if (schema?.preserveUnknown === true) return sortedCopy(item);
    // `additionalProperties: true` lets members in, but knows nothing of what they hold.
    if (schema?.additional !== undefined && schema.properties?.has(key) !== true)
      return pruneValue(item, undefined, walk);
    if (walk.unknown.length < mostUnknown) walk.unknown.push(pathText(walk.path));
    return undefined;
  }
  if (item === null && !member.nullable && member.default === undefined) return undefined;
  return pruneValue(item, member, walk);
}

function isMeta(key: string): boolean {
  return key === "apiVersion" || key === "kind" || key === "metadata";
}

function pruneMeta(key: string, item: Value, walk: Walk): Json {
  if (key !== "metadata") {
    if (walk.typeMeta !== undefined) walk.typeMeta(item, pathText(walk.path));
    return sortedCopy(item);
  }
  if (walk.metadata === undefined) return sortedCopy(item);
  const path = pathText(walk.path);
  const { value, unknown } = walk.metadata(item, path);
  for (const name of unknown) if (walk.unknown.length < mostUnknown) walk.unknown.push(`${path}.${name}`);
  return value;
}

function pathText(path: readonly (string | number)[]): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}

/** Of any value, with sorted keys. */
export function sortedCopy(value: Value): Json {
  if (Array.isArray(value)) return value.map((item: Value) => sortedCopy(item));
  if (!isObject(value)) return value as Json;
  const made: JsonObject = {};
  for (const key of sortedKeys(value)) {
    const item = (value as Members)[key];
    if (item !== undefined) setOwn(made, key, sortedCopy(item));
  }
  return made;
}

export function sortedKeys(value: object): string[] {
  const keys = Object.keys(value);
  for (let index = 1; index < keys.length; index++) {
    // The loop's bound makes both present.
    if ((keys[index - 1] as string) > (keys[index] as string)) return keys.sort();
  }
  return keys;
}
