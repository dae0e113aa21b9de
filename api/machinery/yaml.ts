/**
 * YAML bodies, read as upstream reads them: converted to JSON. The library composes nodes; what they mean, and every
 * bound, is decided here. Import this module when a YAML body arrives, not at start-up: the library is large.
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
} from "yaml";
import { maxJsonDepth, type ParsedJson } from "./json.ts";
import { isObject, setOwn } from "./members.ts";
import type { Json, JsonObject } from "./object.ts";
import { ApiError } from "./status.ts";
import { resolvePlainScalar } from "./yaml-scalar.ts";

/** Characters and nodes that aliases may add to a document: no bomb, but room for honest repetition. */
const maxAliased = 1_000_000;
/** Findings of strict decoding that are kept. */
const maxDuplicates = 100;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** One document; `duplicates` has upstream's words for keys that are set twice (the last value wins). */
export function parseYaml(bytes: Uint8Array): ParsedJson {
  const lines = new LineCounter();
  const conversion: Conversion = {
    lines,
    anchors: new Map(),
    open: new Set(),
    duplicates: [],
    aliased: 0,
    depth: 0,
    inAlias: false,
  };
  const document = compose(bytes, lines);
  const value = convert(conversion, document?.contents ?? null);
  const { duplicates } = conversion;
  return { value, duplicates: duplicates.length === 0 ? [] : [`yaml: unmarshal errors:\n${duplicates.join("\n")}`] };
}

function compose(bytes: Uint8Array, lines: LineCounter): Document.Parsed | undefined {
  const documents = composeAll(bytes, lines);
  const error = documents.flatMap((document) => document.errors)[0];
  if (error !== undefined) throw refused(`line ${lines.linePos(error.pos[0]).line}: ${error.message}`, error);
  const filled = documents.filter((document) => document.contents !== null && !isEmptyScalar(document.contents));
  if (filled.length > 1) throw refused("the body has more than one document");
  return filled[0];
}

function composeAll(bytes: Uint8Array, lines: LineCounter): Document.Parsed[] {
  try {
    const text = utf8.decode(bytes);
    requireShallow(text);
    // "failsafe": every scalar stays text, and gets its meaning from resolvePlainScalar.
    const documents = parseAllDocuments(text, {
      schema: "failsafe",
      lineCounter: lines,
      logLevel: "silent",
      prettyErrors: false,
      strict: false,
      uniqueKeys: false,
    });
    return Array.isArray(documents) ? documents : [];
  } catch (thrown) {
    if (thrown instanceof TypeError) throw refused("invalid Unicode character", thrown);
    throw thrown;
  }
}

/**
 * The library composes recursively, and a million open brackets take the process down. Its lexer is linear: flow
 * collections nest by brackets, block collections by columns and indicators.
 */
function requireShallow(text: string): void {
  let flow = 0;
  let column = 0;
  let lineStarts = true;
  for (const token of new Lexer().lex(text)) {
    if (token === "[" || token === "{") flow++;
    else if (token === "]" || token === "}") flow--;
    else if (token.endsWith("\n")) column = 0;
    else if (lineStarts && token.startsWith(" ")) column = token.length;
    else if (flow === 0 && (token === "-" || token === "?")) column++;
    lineStarts = token.endsWith("\n");
    if (flow > maxJsonDepth || column > maxJsonDepth) throw refused("exceeded max depth");
  }
}

function isEmptyScalar(node: Node): boolean {
  return isScalar(node) && node.source === "" && node.type === "PLAIN";
}

function refused(message: string, cause?: unknown): ApiError {
  return new ApiError("BadRequest", `yaml: ${message}`, { cause });
}

interface Conversion {
  readonly lines: LineCounter;
  readonly anchors: Map<string, Node>;
  /** The anchored nodes that are being converted: an alias to one of them would never end. */
  readonly open: Set<Node>;
  readonly duplicates: string[];
  aliased: number;
  depth: number;
  inAlias: boolean;
}

function convert(conversion: Conversion, node: unknown): Json {
  if (isAlias(node)) return convertAlias(conversion, node.source);
  if (conversion.inAlias) spend(conversion, 1);
  if (isScalar(node)) return convertScalar(conversion, node);
  if (!isMap(node) && !isSeq(node)) return null;
  if (node.anchor !== undefined) conversion.anchors.set(node.anchor, node);
  if (++conversion.depth > maxJsonDepth) throw refused("exceeded max depth");
  conversion.open.add(node);
  const value = isMap(node) ? convertMap(conversion, node) : node.items.map((item) => convert(conversion, item));
  conversion.open.delete(node);
  conversion.depth--;
  return value;
}

function spend(conversion: Conversion, amount: number): void {
  conversion.aliased += amount;
  if (conversion.aliased > maxAliased) throw refused("document contains excessive aliasing");
}

function resolveAlias(conversion: Conversion, name: string): Node {
  const target = conversion.anchors.get(name);
  if (target === undefined) throw refused(`unknown anchor '${name}' referenced`);
  if (conversion.open.has(target)) throw refused(`anchor '${name}' value contains itself`);
  return target;
}

function convertAlias(conversion: Conversion, name: string): Json {
  const target = resolveAlias(conversion, name);
  const outer = conversion.inAlias;
  conversion.inAlias = true;
  const value = convert(conversion, target);
  conversion.inAlias = outer;
  return value;
}

function convertScalar(conversion: Conversion, node: Scalar): Json {
  if (node.anchor !== undefined) conversion.anchors.set(node.anchor, node);
  const text = typeof node.value === "string" ? node.value : "";
  if (conversion.inAlias) spend(conversion, text.length);
  const standard = /^tag:yaml\.org,2002:(bool|int|float|null)$/.test(node.tag ?? "");
  const isPlain = node.type === "PLAIN" && (node.tag === undefined || standard);
  const value = isPlain || standard ? resolvePlainScalar(text) : text;
  if (typeof value === "number" && !Number.isFinite(value)) throw refused(`json: unsupported value: ${text}`);
  return value;
}

function convertMap(conversion: Conversion, map: YAMLMap): JsonObject {
  const object: JsonObject = {};
  const merged: unknown[] = [];
  for (const { key, value } of map.items) {
    if (isScalar(key) && key.type === "PLAIN" && key.source === "<<") {
      merged.push(value);
      continue;
    }
    const name = keyText(conversion, key);
    if (Object.hasOwn(object, name)) reportDuplicate(conversion, key, name);
    setOwn(object, name, convert(conversion, value));
  }
  for (const value of merged) mergeInto(conversion, object, value);
  return object;
}

/** Scalar keys become strings, whatever they meant: `1`, `yes` → "1", "true". */
function keyText(conversion: Conversion, key: unknown): string {
  const value = convert(conversion, key);
  if (value === null || typeof value === "object")
    throw refused(`unsupported map key of type: ${value === null ? "null" : "collection"}`);
  return String(value);
}

function reportDuplicate({ lines, duplicates }: Conversion, key: unknown, name: string): void {
  const offset = isScalar(key) ? (key.range?.[0] ?? 0) : 0;
  if (duplicates.length < maxDuplicates)
    duplicates.push(`  line ${lines.linePos(offset).line}: key ${JSON.stringify(name)} already set in map`);
}

/** https://yaml.org/type/merge.html: what the map says itself wins, then the first of several. */
function mergeInto(conversion: Conversion, object: JsonObject, node: unknown): void {
  const source = convert(conversion, node);
  const maps = Array.isArray(source) ? source : [source];
  for (const map of maps) {
    if (!isObject(map)) throw refused("map merge requires map or sequence of maps as the value");
    for (const [key, value] of Object.entries(map)) if (!Object.hasOwn(object, key)) setOwn(object, key, value);
  }
}
