import { CelBudgetError, CelError } from "../cel.ts";
import { actualSize } from "../cost/actual-size.ts";
import { traversal } from "../cost/factors.ts";
import { add, multiply, scale, type EstimatedCall, type Range } from "../cost/range.ts";
import { BuiltList } from "../values/list.ts";
import { valueText } from "../values/text.ts";
import { textSize, type Value } from "../values/value.ts";
import { declare, type Declaration } from "./declare.ts";
import { asBytes, asInt, asText } from "./overload.ts";
import { asList } from "./overload.ts";
import { inProportion } from "./sizes.ts";

/** https://pkg.go.dev/github.com/google/cel-go/ext#Strings version 2. Places count code points. */
const longestMade = 16 * 1024 * 1024;

/** Code points, where they are not the same as code units. */
function points(text: string): readonly string[] | string {
  return textSize(text) === text.length ? text : Array.from(text);
}

function joined(part: readonly string[] | string): string {
  return typeof part === "string" ? part : part.join("");
}

function outOfRange(index: bigint): CelError {
  return new CelError(`index out of range: ${index}`);
}

function charAt(text: string, index: bigint): string {
  const characters = points(text);
  if (index < 0n || index > characters.length) throw outOfRange(index);
  return characters[Number(index)] ?? "";
}

function substring(text: string, start: bigint, end?: bigint): string {
  const characters = points(text);
  const size = BigInt(characters.length);
  const until = end ?? size;
  if (end !== undefined && start > end) throw new CelError(`invalid substring range. start: ${start}, end: ${end}`);
  if (start < 0n || start > size) throw outOfRange(start);
  if (until < 0n || until > size) throw outOfRange(until);
  return joined(characters.slice(Number(start), Number(until)));
}

/** In code points. */
function placeOf(text: string, units: number): bigint {
  return BigInt(units === -1 ? -1 : textSize(text.slice(0, units)));
}

/** Undefined behind the text, where nothing is found. */
function unitsOf(text: string, place: bigint): number | undefined {
  if (place < 0n) throw outOfRange(place);
  if (place >= BigInt(textSize(text))) return undefined;
  return joined(points(text).slice(0, Number(place))).length;
}

function indexOf(text: string, part: string, from = 0n): bigint {
  if (part === "") return from;
  const start = unitsOf(text, from);
  return start === undefined ? -1n : placeOf(text, text.indexOf(part, start));
}

function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  if (part === "") return from ?? BigInt(textSize(text));
  if (from === undefined) return placeOf(text, text.lastIndexOf(part));
  const start = unitsOf(text, from);
  return start === undefined ? -1n : placeOf(text, text.lastIndexOf(part, start));
}

/** Never longer than a bound: the cost of a replacement goes by the old text only. */
function replace(text: string, from: string, to: string, most = -1n): string {
  const parts = splitAt(text, from, most < 0n ? Infinity : Number(most) + 1);
  if (text.length + parts.length * to.length > longestMade) throw new CelBudgetError("expression");
  return parts.join(to);
}

/** At most `most` parts; an empty separator stands around each character. */
function splitAt(text: string, separator: string, most: number): readonly string[] {
  const parts = separator === "" ? ["", ...Array.from(text), ""] : text.split(separator);
  if (parts.length <= most) return parts;
  const rest = parts.slice(most - 1).join(separator);
  return [...parts.slice(0, most - 1), rest];
}

function split(text: string, separator: string, limit = -1n): readonly string[] {
  if (limit === 0n) return [];
  const parts = separator === "" ? Array.from(text) : text.split(separator);
  if (limit < 0n || parts.length <= Number(limit)) return parts;
  const most = Number(limit);
  return [...parts.slice(0, most - 1), parts.slice(most - 1).join(separator)];
}

function join(list: Value, separator = ""): string {
  const texts = [...asList(list)].map((item) => {
    if (typeof item === "string") return item;
    throw new CelError(`join: invalid input: ${valueText(item)}`);
  });
  const size = texts.reduce((sum, text) => sum + text.length + separator.length, 0);
  if (size > longestMade) throw new CelBudgetError("expression");
  return texts.join(separator);
}

/** Unicode's white space: not quite that of JavaScript. */
const white = String.raw`[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`;
const outerSpace = new RegExp(`^${white}+|(?<!${white})${white}+$`, "g");

function trim(text: string): string {
  return text.replaceAll(outerSpace, "");
}

const quotedCharacters: ReadonlyMap<string, string> = new Map([
  ["\x07", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
  ["\\", "\\\\"],
  ['"', '\\"'],
]);

function quote(text: string): string {
  // oxlint-disable-next-line no-control-regex -- those are what is quoted
  const quoted = text.replaceAll(/[\x07\b\f\n\r\t\v\\"]/g, (character) => quotedCharacters.get(character) ?? character);
  return `"${quoted.replaceAll(/\p{Surrogate}/gu, "\ufffd")}"`;
}

const sameSize = (size: Range): Range => size;
const walk = inProportion(0, traversal, sameSize);
/** The old text is walked over and the new one built. */
const rebuild = inProportion(0, 2 * traversal);

const replaced: Parameters<typeof declare>[2] = {
  cost: rebuild.cost,
  estimate: (call) => ({ cost: scale(call.size(0), 2 * traversal), size: replacedSize(call) }),
};

/** The longest text comes of the most replacements of the shortest part by the longest one. */
function replacedSize(call: EstimatedCall): Range {
  const [text, from, to] = [call.size(0), call.size(1), call.size(2)];
  const most = replacements(text.max, from.min, to.max <= from.min);
  const fewest = replacements(text.min, from.max, from.max <= to.min);
  return add(multiply({ min: fewest.count, max: most.count }, to), { min: fewest.kept, max: most.kept });
}

function replacements(text: number, part: number, unchanged: boolean): { count: number; kept: number } {
  if (part === 0) return { count: text + 1, kept: text };
  return unchanged ? { count: 0, kept: text } : { count: part === Infinity ? 0 : Math.ceil(text / part), kept: 0 };
}

const parted: Parameters<typeof declare>[2] = {
  cost: rebuild.cost,
  estimate: (call) => {
    const size = call.size(0);
    const limit = call.literal(2);
    const max = typeof limit === "bigint" ? Number(BigInt.asUintN(64, limit)) : size.max;
    return { cost: scale(size, 2 * traversal), size: { min: 0, max } };
  },
};

const joinedCosts: Parameters<typeof declare>[2] = {
  cost: (_, result) => Math.ceil(actualSize(result) * 2 * traversal),
  estimate: (call) => {
    const items = call.size(0);
    const between = { min: Math.max(items.min - 1, 0), max: Math.max(items.max - 1, 0) };
    const separator = call.type(1) === undefined ? { min: 0, max: 0 } : multiply(call.size(1), between);
    const size = add(multiply(items, call.itemSize(0)), separator);
    return { cost: scale(size, traversal), size };
  },
};

const searched: Parameters<typeof declare>[2] = {
  cost: ([text]) => searchCost(text),
  estimate: (call) => ({ cost: scale(call.size(0), traversal) }),
};

/** Upstream counts bytes here, and rounds down. */
function searchCost(text: Value): number {
  return Math.floor(Buffer.byteLength(asText(text)) * traversal);
}

const contained: Parameters<typeof declare>[2] = {
  cost: ([text, part]) => Math.ceil(actualSize(text) * traversal) * Math.ceil(actualSize(part) * traversal),
  estimate: (call) => ({ cost: multiply(scale(call.size(0), traversal), scale(call.size(1), traversal)) }),
};

/** By the text at run time, and by the part in the estimate: so upstream has it. */
const edgeCosts: Parameters<typeof declare>[2] = {
  cost: ([text]) => Math.ceil(actualSize(text) * traversal),
  estimate: (call) => ({ cost: scale(call.size(1), traversal) }),
};

export const texts: readonly Declaration[] = [
  declare("string.size(): int", (a) => BigInt(textSize(asText(a)))),
  declare("size(string): int", (a) => BigInt(textSize(asText(a)))),
  declare("bytes.size(): int", (a) => BigInt(asBytes(a).length)),
  declare("size(bytes): int", (a) => BigInt(asBytes(a).length)),
  declare("string.contains(string): bool", (a, b) => asText(a).includes(asText(b)), contained),
  declare("string.startsWith(string): bool", (a, b) => asText(a).startsWith(asText(b)), edgeCosts),
  declare("string.endsWith(string): bool", (a, b) => asText(a).endsWith(asText(b)), edgeCosts),
  declare("string.charAt(int): string", (a, b) => charAt(asText(a), asInt(b))),
  declare("string.indexOf(string): int", (a, b) => indexOf(asText(a), asText(b)), searched),
  declare("string.indexOf(string, int): int", (a, b, c) => indexOf(asText(a), asText(b), asInt(c)), searched),
  declare("string.lastIndexOf(string): int", (a, b) => lastIndexOf(asText(a), asText(b)), searched),
  declare("string.lastIndexOf(string, int): int", (a, b, c) => lastIndexOf(asText(a), asText(b), asInt(c)), searched),
  declare("list(string).join(): string", (a) => join(a), joinedCosts),
  declare("list(string).join(string): string", (a, b) => join(a, asText(b)), joinedCosts),
  declare("string.lowerAscii(): string", (a) => asText(a).replaceAll(/[A-Z]+/g, (part) => part.toLowerCase()), walk),
  declare("string.upperAscii(): string", (a) => asText(a).replaceAll(/[a-z]+/g, (part) => part.toUpperCase()), walk),
  declare("string.replace(string, string): string", (a, b, c) => replace(asText(a), asText(b), asText(c)), replaced),
  declare(
    "string.replace(string, string, int): string",
    (a, b, c, d) => replace(asText(a), asText(b), asText(c), asInt(d)),
    replaced,
  ),
  declare("string.split(string): list(string)", (a, b) => new BuiltList([...split(asText(a), asText(b))]), parted),
  declare(
    "string.split(string, int): list(string)",
    (a, b, c) => new BuiltList([...split(asText(a), asText(b), asInt(c))]),
    parted,
  ),
  declare("string.substring(int): string", (a, b) => substring(asText(a), asInt(b)), walk),
  declare("string.substring(int, int): string", (a, b, c) => substring(asText(a), asInt(b), asInt(c)), walk),
  declare("string.trim(): string", (a) => trim(asText(a)), walk),
  declare("strings.quote(string): string", (a) => quote(asText(a)), {
    ...inProportion(0, traversal, ({ min, max }) => ({ min: min + 2, max: max * 2 + 2 })),
  }),
];
