import { namedTypes } from "../check/named-types.ts";
import { durationType, listOf, mapOf, opaque, optionalOf, parameter, timestampType, type Type } from "../types/type.ts";
import type { FunctionTable, Implementation, Overload } from "./overload.ts";

/** A function's name and one of its overloads. */
export type Declaration = readonly [name: string, overload: Overload];

type Extras = Pick<Overload, "cost" | "estimate" | "conversion" | "site">;

/**
 * Reads signatures such as `string.startsWith(string): bool` and `optional.of(V): optional(V)`. A target that is a type
 * makes a member; otherwise it is a namespace. One capital letter stands for any type.
 */
export function declare(signature: string, call: Implementation, extras: Extras = {}): Declaration {
  const colon = signature.lastIndexOf(": ");
  const open = openingParenthesis(signature, colon - 1);
  const head = signature.slice(0, open);
  const params = splitTypes(signature.slice(open + 1, colon - 1)).map(readType);
  const result = readType(signature.slice(colon + 2));
  const dot = head.lastIndexOf(".");
  const target = head.slice(0, Math.max(dot, 0));
  if (!isType(target)) return [head, { member: false, params, result, call, ...extras }];
  return [head.slice(dot + 1), { member: true, params: [readType(target), ...params], result, call, ...extras }];
}

/** For functions that prepare something from their arguments: each place where they are called keeps its own. */
export function declareSite(
  signature: string,
  site: () => Implementation,
  extras: Pick<Overload, "cost" | "estimate"> = {},
): Declaration {
  return declare(signature, (a, b, c, d) => site()(a, b, c, d), { site, ...extras });
}

export function functionTable(declarations: readonly Declaration[]): FunctionTable {
  const table = new Map<string, Overload[]>();
  for (const [name, overload] of declarations) {
    const known = table.get(name);
    if (known === undefined) table.set(name, [overload]);
    else known.push(overload);
  }
  return table;
}

function openingParenthesis(text: string, close: number): number {
  let depth = 0;
  for (let at = close; at >= 0; at--) {
    if (text.charAt(at) === ")") depth++;
    if (text.charAt(at) === "(" && --depth === 0) return at;
  }
  throw new Error(`no signature: ${text}`);
}

function splitTypes(text: string): readonly string[] {
  const types: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    const character = text.charAt(at);
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (depth > 0 || (character !== "," && at < text.length)) continue;
    if (at > from) types.push(text.slice(from, at).trim());
    from = at + 1;
  }
  return types;
}

const opaquePrefixes = ["kubernetes.", "net."];

function isType(text: string): boolean {
  return (
    /^(?:[A-Z]|timestamp|duration|dyn|list\(.*|map\(.*|optional\(.*)$/.test(text) ||
    (namedTypes.has(text) && text !== "list" && text !== "map") ||
    opaquePrefixes.some((prefix) => text.startsWith(prefix))
  );
}

function readType(text: string): Type {
  if (/^[A-Z]$/.test(text)) return parameter(text);
  if (text === "timestamp") return timestampType;
  if (text === "duration") return durationType;
  if (opaquePrefixes.some((prefix) => text.startsWith(prefix))) return opaque(text);
  const known = namedTypes.get(text);
  if (known !== undefined) return known.type;
  const [, outer = "", inner = ""] = /^(\w+)\((.*)\)$/.exec(text) ?? [];
  return readComposite(text, outer, splitTypes(inner).map(readType));
}

function readComposite(text: string, outer: string, [first, second]: readonly Type[]): Type {
  if (outer === "list" && first !== undefined) return listOf(first);
  if (outer === "optional" && first !== undefined) return optionalOf(first);
  if (outer === "type" && first !== undefined) return { type: "type", of: first };
  if (outer === "map" && first !== undefined && second !== undefined) return mapOf(first, second);
  throw new Error(`no type: ${text}`);
}
