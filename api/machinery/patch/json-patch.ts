import { deepClone } from "../clone.ts";
import { deepEqual } from "../equal.ts";
import { goKind, maxJsonDepth, stringifyJson } from "../json.ts";
import { getOwn, isObject, setOwn } from "../members.ts";
import type { DeepReadonly, Json, JsonObject } from "../object.ts";
import { ApiError } from "../status.ts";

/** Upstream's bounds. */
const maxOperations = 10_000;
const maxCopiedCharacters = 3 * 1024 * 1024;

/** Why an operation cannot be applied; only the log sees it. */
class OperationError extends Error {
  override readonly name: string = "OperationError";
}

class FailedTest extends OperationError {
  override readonly name = "FailedTest";
}

/** Whether `applyJsonPatch` has thrown this because a `test` found something else. */
export function isFailedTest(thrown: ApiError): boolean {
  return thrown.cause instanceof FailedTest;
}

type Operation = DeepReadonly<JsonObject>;

/** RFC 6902. The result shares nothing with the arguments. */
export function applyJsonPatch(original: DeepReadonly<Json>, patch: DeepReadonly<Json>): JsonObject {
  const operations = decodeOperations(patch);
  try {
    const document: Document = { root: deepClone<Json>(original), copied: 0 };
    for (const operation of operations) apply(document, operation);
    if (!isObject(document.root)) throw new OperationError("the document is no object any more");
    requireShallow(document.root, maxJsonDepth);
    return document.root;
  } catch (thrown) {
    if (!(thrown instanceof OperationError)) throw thrown;
    // Upstream keeps the reason to itself.
    throw new ApiError("Invalid", "the server rejected our request due to an error in our request", {
      details: {},
      cause: thrown,
    });
  }
}

function decodeOperations(patch: DeepReadonly<Json>): readonly Operation[] {
  if (!Array.isArray(patch))
    throw new ApiError("BadRequest", `json: cannot unmarshal ${goKind(patch)} into Go value of type jsonpatch.Patch`);
  if (patch.length > maxOperations) {
    throw new ApiError(
      "RequestEntityTooLarge",
      `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`,
    );
  }
  const operations: readonly DeepReadonly<Json>[] = patch;
  return operations.map((operation) => {
    if (isObject(operation)) return operation;
    throw new ApiError(
      "BadRequest",
      `json: cannot unmarshal ${goKind(operation)} into Go value of type jsonpatch.Operation`,
    );
  });
}

interface Document {
  root: Json;
  /** Characters that copies have added: a few copies of copies would fill any memory. */
  copied: number;
}

type Container = Json[] | JsonObject;

function isContainer(value: Json | undefined): value is Container {
  return typeof value === "object" && value !== null;
}

function apply(document: Document, operation: Operation): void {
  const path = pointer(operation, "path");
  switch (operation["op"]) {
    case "add":
      return add(document, path, valueOf(operation));
    case "remove":
      remove(document, path);
      return;
    case "replace":
      return replace(document, path, valueOf(operation));
    case "move":
      return add(document, path, remove(document, pointer(operation, "from")));
    case "copy":
      return add(document, path, copyOf(document, read(document, pointer(operation, "from"))));
    case "test":
      return test(document, path, operation["value"] ?? null);
    default:
      throw new OperationError(`Unexpected kind: ${stringifyJson(operation["op"] ?? null)}`);
  }
}

/** RFC 6901. */
function pointer(operation: Operation, member: "path" | "from"): readonly string[] {
  const text = getOwn(operation, member);
  if (typeof text !== "string") throw new OperationError(`missing ${member}`);
  if (text === "") return [];
  if (!text.startsWith("/")) throw new OperationError(`${member} ${text} does not start with a slash`);
  return text
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function valueOf(operation: Operation): Json {
  const value = getOwn(operation, "value");
  if (value === undefined) throw new OperationError("missing value");
  return deepClone<Json>(value);
}

/** The container that the last part of the path is in, which may be absent there. */
function locate(document: Document, path: readonly string[]): { container: Container; key: string } {
  const key = path.at(-1);
  let container: Json | undefined = document.root;
  for (const part of path.slice(0, -1)) container = isContainer(container) ? member(container, part) : undefined;
  if (key === undefined || !isContainer(container)) throw new OperationError(`doc is missing path: /${path.join("/")}`);
  return { container, key };
}

function member(container: Container, key: string): Json | undefined {
  return Array.isArray(container) ? container[index(key, container.length)] : getOwn(container, key);
}

/** A place in a list of `length` items; as upstream's library does, negative ones count from the end. */
function index(text: string, length: number): number {
  if (!/^[+-]?[0-9]+$/.test(text)) throw new OperationError(`${text} is no index`);
  const place = Number(text) < 0 ? Number(text) + length : Number(text);
  if (place < 0 || place >= length) throw new OperationError(`index ${text} is out of bounds`);
  return place;
}

function read(document: Document, path: readonly string[]): Json {
  const { container, key } = locate(document, path);
  const value = member(container, key);
  if (value === undefined) throw new OperationError(`doc is missing key: ${key}`);
  return value;
}

function add(document: Document, path: readonly string[], value: Json): void {
  const { container, key } = locate(document, path);
  if (!Array.isArray(container)) setOwn(container, key, value);
  else container.splice(key === "-" ? container.length : index(key, container.length + 1), 0, value);
}

function remove(document: Document, path: readonly string[]): Json {
  const value = read(document, path);
  const { container, key } = locate(document, path);
  if (Array.isArray(container)) container.splice(index(key, container.length), 1);
  else delete container[key];
  return value;
}

function replace(document: Document, path: readonly string[], value: Json): void {
  if (path.length === 0) {
    document.root = value;
    return;
  }
  read(document, path);
  const { container, key } = locate(document, path);
  if (Array.isArray(container)) container[index(key, container.length)] = value;
  else setOwn(container, key, value);
}

function copyOf(document: Document, value: Json): Json {
  document.copied += stringifyJson(value).length;
  if (document.copied > maxCopiedCharacters)
    throw new OperationError(`the accumulated size of copies exceeds ${maxCopiedCharacters}`);
  return deepClone<Json>(value);
}

/** An absent member equals null. */
function test(document: Document, path: readonly string[], expected: DeepReadonly<Json>): void {
  const { container, key } = path.length === 0 ? { container: [document.root], key: "0" } : locate(document, path);
  if (!deepEqual(member(container, key) ?? null, expected))
    throw new FailedTest(`testing value /${path.join("/")} failed`);
}

/** Operations can build what no body could bring: see maxJsonDepth. */
function requireShallow(value: Json | undefined, levels: number): void {
  if (!isContainer(value)) return;
  if (levels === 0) throw new OperationError("exceeded max depth");
  for (const item of Object.values(value)) requireShallow(item, levels - 1);
}
