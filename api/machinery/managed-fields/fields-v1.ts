/**
 * Field sets as objects carry them: an object whose keys are path elements; `"."` marks a field that is owned itself and
 * has others below it. `{"f:metadata":{"f:labels":{".":{},"f:app":{}}}}`
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/#System
 */
import { isObject } from "../members.ts";
import type { DeepReadonly, JsonObject } from "../object.ts";
import { fieldNode, leafNode, noFields, type FieldNode, type FieldSet } from "./field-set.ts";
import { parsePathElement, sortPathElements, type PathElement } from "./path-element.ts";
import { TypedError } from "./typed-error.ts";

export function encodeFieldsV1(set: FieldSet): JsonObject {
  return encode(set, {});
}

function encode(set: FieldSet, into: JsonObject): JsonObject {
  for (const element of sortPathElements([...set.keys()])) {
    const node = set.get(element) ?? leafNode;
    into[element] = node instanceof StoredNode ? node.written : encodeNode(node);
  }
  return into;
}

/** Nearly all: one for all of them. */
const nothingBelow: JsonObject = Object.freeze({});

function encodeNode({ owned, below }: FieldNode): JsonObject {
  return below === undefined ? nothingBelow : encode(below, owned ? { ".": nothingBelow } : {});
}

/** Throws TypedError for what is no field set. Elements of a kind that nobody knows yet are left out. */
export function decodeFieldsV1(fields: DeepReadonly<JsonObject> | null | undefined): FieldSet {
  return decode(fields ?? {}).below ?? noFields;
}

/** What stands at an element: without anything below it, it is owned itself. */
function decode(fields: unknown): FieldNode {
  if (fields === null) return leafNode;
  if (!isObject(fields)) throw new TypedError("expected an object of path elements");
  let below: Map<PathElement, FieldNode> | undefined;
  let owned = false;
  for (const text in fields) {
    if (text === ".") {
      owned = true;
      continue;
    }
    const element = parsePathElement(text);
    if (element === undefined) continue;
    const node = decode(fields[text]);
    below ??= new Map();
    const same = below.get(element);
    below.set(element, same === undefined ? node : fieldNode(node.owned || same.owned, node.below ?? same.below));
  }
  if (below === undefined) return leafNode;
  return { owned, below };
}

/**
 * As `decodeFieldsV1`, for what this server has written: a branch is read when somebody looks at it, since a write
 * touches few of them. What is wrong with it is thrown then.
 */
export function storedFieldsV1(fields: DeepReadonly<JsonObject> | null | undefined): FieldSet {
  return new StoredNode(fields ?? {}).below ?? noFields;
}

class StoredNode implements FieldNode {
  readonly owned: boolean;
  readonly #fields: DeepReadonly<JsonObject>;
  readonly #isLeaf: boolean;
  #below: FieldSet | undefined;

  constructor(fields: unknown) {
    if (!isJsonObject(fields)) throw new TypedError("expected an object of path elements");
    this.#fields = fields;
    this.#isLeaf = !hasElements(fields);
    this.owned = this.#isLeaf || Object.hasOwn(fields, ".");
  }

  /** The branch as it was stored: it is in order already. */
  get written(): JsonObject {
    return this.#fields as JsonObject;
  }

  get below(): FieldSet | undefined {
    if (this.#isLeaf) return undefined;
    return (this.#below ??= this.#read());
  }

  #read(): FieldSet {
    const below = new Map<PathElement, FieldNode>();
    for (const text in this.#fields) {
      const element = text === "." ? undefined : parsePathElement(text);
      if (element !== undefined) below.set(element, new StoredNode(this.#fields[text]));
    }
    return below;
  }
}

function hasElements(fields: DeepReadonly<JsonObject>): boolean {
  for (const text in fields) if (text !== ".") return true;
  return false;
}

function isJsonObject(value: unknown): value is DeepReadonly<JsonObject> {
  return isObject(value);
}
