import { parseExactJson } from "./exact-json.ts";
import { describeSyntaxError } from "./json-syntax-error.ts";
import type { Json } from "./object.ts";
import { ApiError } from "./status.ts";

export interface ParsedJson {
  readonly value: Json;
  /** Findings of strict decoding, ready to be shown: `duplicate field "spec.replicas"`. The last value wins. */
  readonly duplicates: readonly string[];
}

/** Go stops at 10,000. Here everything that walks a tree is recursive, JSON.stringify too, and the stack holds less. */
export const maxJsonDepth = 1_000;
/** What was written here may be deeper than what was sent: managedFields mirror an object inside of it. */
const maxTrustedDepth = 10 * maxJsonDepth;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * JSON.parse does the work; a scan of the bytes finds what it would get wrong: integers beyond 2^53, duplicate keys,
 * numbers that overflow. Only such a text is parsed again, slowly and exactly.
 * `duplicates: false` is for what this server has written itself.
 */
export function parseJson(bytes: Uint8Array, options: { readonly duplicates: boolean }): ParsedJson {
  const text = decode(bytes);
  const maxDepth = options.duplicates ? maxJsonDepth : maxTrustedDepth;
  const scan = options.duplicates || bytes.length > 2 * maxDepth ? scanStructure(bytes) : undefined;
  if (scan !== undefined && scan.depth > maxDepth) throw new ApiError("BadRequest", "exceeded max depth");
  const value = parse(text);
  const repeated = options.duplicates && scan !== undefined && scan.keys !== countKeys(value);
  if (!repeated && scan?.exponents !== true && !hasLongNumber(bytes)) return { value, duplicates: [] };
  return parseExactJson(text);
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (thrown) {
    throw new ApiError("BadRequest", "invalid UTF-8 in JSON text", { cause: thrown });
  }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (thrown) {
    throw new ApiError("BadRequest", describeSyntaxError(text), { cause: thrown });
  }
}

interface Structure {
  readonly depth: number;
  /** Colons outside strings: the keys of all objects, with repetitions. */
  readonly keys: number;
  readonly exponents: boolean;
}

/** Meaningful only if the text turns out to be valid JSON. */
function scanStructure(bytes: Uint8Array): Structure {
  let depth = 0;
  let deepest = 0;
  let keys = 0;
  let exponents = false;
  for (let index = 0; index < bytes.length; index++) {
    switch (bytes[index]) {
      case 0x22: // "
        index = endOfString(bytes, index);
        break;
      case 0x3a: // :
        keys++;
        break;
      case 0x7b: // {
      case 0x5b: // [
        if (++depth > deepest) deepest = depth;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth--;
        break;
      case 0x65: // e
      case 0x45: // E
        exponents ||= isDigit(bytes[index - 1]);
        break;
      default:
    }
  }
  return { depth: deepest, keys, exponents };
}

/** `start` is at the opening quote; answers the place of the closing one. */
function endOfString(bytes: Uint8Array, start: number): number {
  let index = start + 1;
  for (; index < bytes.length; index++) {
    const byte = bytes[index];
    if (byte === 0x22) return index;
    if (byte === 0x5c) index++;
  }
  return index;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/**
 * Whether 16 digits stand in a row: fewer are always exact. Such a row covers one of every 16 places, so most bytes
 * need no look. Rows inside of strings count too; they only cost time.
 */
function hasLongNumber(bytes: Uint8Array): boolean {
  for (let index = 15; index < bytes.length; index += 16) {
    if (!isDigit(bytes[index])) continue;
    let start = index;
    while (isDigit(bytes[start - 1])) start--;
    let end = index + 1;
    while (isDigit(bytes[end])) end++;
    if (end - start >= 16) return true;
  }
  return false;
}

function countKeys(root: Json): number {
  if (typeof root !== "object" || root === null) return 0;
  let keys = 0;
  const open: object[] = [root];
  for (let container = open.pop(); container !== undefined; container = open.pop()) {
    if (Array.isArray(container)) {
      for (const item of container) if (typeof item === "object" && item !== null) open.push(item);
      continue;
    }
    const members = container as Readonly<Record<string, unknown>>;
    for (const key in members) {
      keys++;
      const item = members[key];
      if (typeof item === "object" && item !== null) open.push(item);
    }
  }
  return keys;
}

/** How Go's decoder calls a JSON value. */
export function goKind(value: unknown): "null" | "array" | "bool" | "string" | "number" | "object" {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "number":
    case "bigint":
      return "number";
    default:
      return "object";
  }
}

export function stringifyJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (thrown) {
    // JSON.stringify knows no bigint, and says so with this error.
    if (thrown instanceof TypeError) return stringifyExact(value);
    throw thrown;
  }
}

function stringifyExact(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value))
    return `[${value.map((item) => (item === undefined ? "null" : stringifyExact(item))).join(",")}]`;
  const members = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${stringifyExact(item)}`).join(",")}}`;
}

export function encodeJson(value: unknown): Buffer {
  return Buffer.from(stringifyJson(value));
}
