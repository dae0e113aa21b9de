import type { MergeType } from "../../schema/merge-type.ts";
import { parseExactJson } from "../exact-json.ts";
import { getOwn, isObject } from "../members.ts";
import { goJson } from "./go-json.ts";
import { TypedError } from "./typed-error.ts";

/**
 * One step of the path to a field, as fieldsV1 writes it: `f:spec` a member, `k:{"name":"web"}` an item by its keys,
 * `v:"a"` an item by its value, `i:0` an item by its place. The text is canonical: equal steps have equal texts.
 */
export type PathElement = string;
export type Path = readonly PathElement[];

/** Of the names that came first: those of schemas, which every write asks for. */
const fieldElements = new Map<string, PathElement>();
const mostFieldElements = 10_000;

export function fieldElement(name: string): PathElement {
  const known = fieldElements.get(name);
  if (known !== undefined) return known;
  const element = `f:${name}`;
  if (fieldElements.size < mostFieldElements && name.length <= 100) fieldElements.set(name, element);
  return element;
}

type ListType = Extract<MergeType, { type: "set" | "keyedList" }>;

/** How an item is told from the others of its list. Throws TypedError for what cannot be told apart. */
export function itemElement(item: unknown, type: ListType): PathElement {
  return type.type === "set" ? valueElement(item) : keyElement(item, type);
}

function valueElement(item: unknown): PathElement {
  if (item === null || item === undefined)
    throw new TypedError("associative list without keys has an element that's an explicit null");
  if (Array.isArray(item)) throw new TypedError("not supported: associative list with lists as elements");
  if (isObject(item)) throw new TypedError("associative list without keys has an element that's a map type");
  return `v:${goJson(item)}`;
}

function keyElement(item: unknown, { keys, keyDefaults }: Extract<ListType, { type: "keyedList" }>): PathElement {
  if (item === null || item === undefined)
    throw new TypedError("associative list with keys may not have a null element");
  if (!isObject(item)) throw new TypedError("associative list with keys may not have non-map elements");
  let members = "";
  for (const key of keys.length === 1 ? keys : keys.toSorted()) {
    const value = getOwn(item, key) ?? (Object.hasOwn(item, key) ? null : getOwn(keyDefaults, key));
    if (value !== undefined) members += `${members === "" ? "" : ","}${goJson(key)}:${goJson(value)}`;
  }
  if (members === "")
    throw new TypedError(
      `associative list with keys has an element that omits all key fields [${keys.map((key) => JSON.stringify(key)).join(" ")}] (and doesn't have default values for any key fields)`,
    );
  return `k:{${members}}`;
}

/** `k:{"type":"Ready"}`: one key, and nothing in its texts that JSON could write in another way. */
const oneKey = /^(k:\{"[\w./-]*":")([\w./-]*)"\}$/;

/** The canonical form of what a client or an older server wrote; undefined for a kind of element from the future. */
export function parsePathElement(text: string): PathElement | undefined {
  if (text.startsWith("f:") || oneKey.test(text)) return text;
  if (text.length < 2) throw new TypedError("parsing key as path element: key must be 2 characters long:");
  if (text[1] !== ":") throw new TypedError(`parsing key as path element: missing colon: ${text}`);
  const rest = text.slice(2);
  switch (text[0]) {
    case "k": {
      const keys = parseValue(rest);
      if (!isObject(keys)) throw new TypedError(`parsing key as path element: expected an object: ${rest}`);
      return `k:${goJson(keys)}`;
    }
    case "v":
      return `v:${goJson(parseValue(rest))}`;
    case "i":
      if (!/^[+-]?\d{1,18}$/.test(rest)) throw new TypedError(`parsing key as path element: invalid index: ${rest}`);
      return `i:${Number(rest)}`;
    default:
      return undefined;
  }
}

function parseValue(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return /\d{16}/.test(text) ? parseExactJson(text).value : value;
  } catch (thrown) {
    throw new TypedError(`parsing key as path element: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}

/** Upstream's order: members, then items by keys, by value, by place. */
export function sortPathElements(elements: PathElement[]): PathElement[] {
  if (elements.length < 2) return elements;
  if (elements.every(isField)) return sortTexts(elements);
  const sorted = sortByOneKey(elements);
  if (sorted !== undefined) return sorted;
  return elements
    .map((element) => ({ element, rank: "fkvi".indexOf(element[0] ?? ""), value: comparable(element) }))
    .sort((a, b) => a.rank - b.rank || compareValues(a.value, b.value))
    .map(({ element }) => element);
}

/** Conditions, containers and most other lists: their texts sort as their values do. Undefined: some are otherwise. */
function sortByOneKey(elements: readonly PathElement[]): PathElement[] | undefined {
  const head = oneKey.exec(elements[0] ?? "")?.[1];
  if (head === undefined) return undefined;
  const values: string[] = [];
  for (const element of elements) {
    const found = element.startsWith(head) ? oneKey.exec(element) : null;
    if (found?.[2] === undefined) return undefined;
    values.push(found[2]);
  }
  return sortTexts(values).map((value) => `${head}${value}"}`);
}

function isField(element: PathElement): boolean {
  return element.startsWith("f:");
}

const few = 20;

/** In place. Most are few, and nearly in order already. */
function sortTexts(texts: string[]): string[] {
  if (texts.length > few) return texts.sort();
  for (let end = 1; end < texts.length; end++) {
    const text = texts[end] ?? "";
    let at = end;
    for (; at > 0 && (texts[at - 1] ?? "") > text; at--) texts[at] = texts[at - 1] ?? "";
    texts[at] = text;
  }
  return texts;
}

function comparable(element: PathElement): unknown {
  const rest = element.slice(2);
  if (element.startsWith("f:")) return rest;
  const value = parseValue(rest);
  return element.startsWith("k:") && isObject(value) ? membersOf(value) : value;
}

/** Numbers, strings, booleans, lists, maps, null; each in its own order. */
function compareValues(a: unknown, b: unknown): number {
  const rank = valueRank(a) - valueRank(b);
  if (rank !== 0) return rank;
  if (Array.isArray(a) && Array.isArray(b)) return compareInTurn(a, b);
  if (isObject(a) && isObject(b)) return compareInTurn(membersOf(a), membersOf(b));
  return isOrdered(a) && isOrdered(b) ? order(a, b) : 0;
}

function compareInTurn(a: readonly unknown[], b: readonly unknown[]): number {
  for (let index = 0; index < a.length && index < b.length; index++) {
    const found = compareValues(a[index], b[index]);
    if (found !== 0) return found;
  }
  return a.length - b.length;
}

/** Name, value, name, value, …: upstream compares maps like that. */
function membersOf(object: Readonly<Record<string, unknown>>): unknown[] {
  return Object.keys(object)
    .sort()
    .flatMap((name) => [name, object[name]]);
}

type Ordered = string | number | bigint | boolean;

function isOrdered(value: unknown): value is Ordered {
  return typeof value !== "object" && value !== undefined;
}

function order(a: Ordered, b: Ordered): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function valueRank(value: unknown): number {
  if (typeof value === "number" || typeof value === "bigint") return 0;
  if (typeof value === "string") return 1;
  if (typeof value === "boolean") return 2;
  if (Array.isArray(value)) return 3;
  return isObject(value) ? 4 : 5;
}

/** As messages show it: `.spec`, `[name="web"]`, `[="a"]`, `[0]`. */
export function describePathElement(element: PathElement): string {
  const rest = element.slice(2);
  switch (element[0]) {
    case "f":
      return `.${rest}`;
    case "k": {
      const keys = parseValue(rest);
      const named = isObject(keys) ? Object.keys(keys).sort() : [];
      return `[${named.map((name) => `${name}=${describeValue(getOwn(keys as Record<string, unknown>, name))}`).join(",")}]`;
    }
    case "v":
      return `[=${describeValue(parseValue(rest))}]`;
    default:
      return `[${rest}]`;
  }
}

export function describePath(path: Path): string {
  return path.map(describePathElement).join("");
}

function describeValue(value: unknown): string {
  return typeof value === "bigint" ? value.toString() : (JSON.stringify(value) ?? "null");
}
