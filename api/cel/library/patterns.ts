import { RE2JS, RE2JSException } from "re2js";
import {
  compileRegularExpression,
  RegularExpressionError,
  type RegularExpression,
} from "../../machinery/regular-expression.ts";
import { CelError } from "../cel.ts";
import { BuiltList } from "../values/list.ts";
import type { Value } from "../values/value.ts";
import { declareSite, type Declaration } from "./declare.ts";
import { asInt, asText, type Implementation } from "./overload.ts";
import { matchingCost, matchingEstimate } from "./sizes.ts";

/** Throws CelError. */
export function compilePattern(source: string): RegularExpression {
  try {
    return compileRegularExpression(source);
  } catch (thrown) {
    if (thrown instanceof RegularExpressionError) throw new CelError(thrown.message, { cause: thrown });
    throw thrown;
  }
}

/** Each place compiles its pattern once: it hardly ever changes. */
function matches(): Implementation {
  let known: RegularExpression | undefined;
  return (text, pattern) => {
    const source = asText(pattern);
    if (known?.source !== source) known = compilePattern(source);
    return known.matches(asText(text));
  };
}

function searching(search: (pattern: RE2JS, text: string, most: bigint) => Value): () => Implementation {
  return () => {
    let known: { readonly source: string; readonly pattern: RE2JS } | undefined;
    return (text, pattern, most) => {
      const source = asText(pattern);
      if (known?.source !== source) known = { source, pattern: compileSearch(source) };
      return search(known.pattern, asText(text), most === null ? -1n : asInt(most));
    };
  };
}

function compileSearch(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (thrown) {
    if (thrown instanceof RE2JSException) throw new CelError(`Illegal regex: ${thrown.message}`, { cause: thrown });
    throw thrown;
  }
}

/** The first match, or the empty string. */
function find(pattern: RE2JS, text: string): string {
  const matcher = pattern.matcher(text);
  return matcher.find() ? (matcher.group() ?? "") : "";
}

function findAll(pattern: RE2JS, text: string, most: bigint): Value {
  const found: Value[] = [];
  const matcher = pattern.matcher(text);
  let previousEnd = -1;
  while ((most < 0n || found.length < Number(most)) && matcher.find()) {
    // Go leaves out an empty match right behind another one.
    if (matcher.end() !== matcher.start() || matcher.start() !== previousEnd) found.push(matcher.group() ?? "");
    previousEnd = matcher.end();
  }
  return new BuiltList(found);
}

const searched: Parameters<typeof declareSite>[2] = {
  cost: matchingCost,
  estimate: (call) => ({ cost: matchingEstimate(call), size: { min: 0, max: call.size(0).max } }),
};

/** https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-regex-library */
export const patterns: readonly Declaration[] = [
  declareSite("string.matches(string): bool", matches, {
    cost: matchingCost,
    estimate: (call) => ({ cost: matchingEstimate(call) }),
  }),
  declareSite("matches(string, string): bool", matches, { cost: matchingCost }),
  declareSite("string.find(string): string", searching(find), searched),
  declareSite("string.findAll(string): list(string)", searching(findAll), searched),
  declareSite("string.findAll(string, int): list(string)", searching(findAll), searched),
];
