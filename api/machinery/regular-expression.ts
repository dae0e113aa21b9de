/**
 * Regular expressions as Go reads them: https://pkg.go.dev/regexp/syntax. Users write them into schemas and policies, so
 * matching takes time linear in the text, whatever the pattern.
 */
import { RE2JS, RE2JSException } from "re2js";
import { nativePattern } from "./native-pattern.ts";

export interface RegularExpression {
  readonly source: string;
  /** Whether it is found anywhere in the text. */
  matches(text: string): boolean;
}

/** Go's words: ``error parsing regexp: missing closing ]: `[a` ``. */
export class RegularExpressionError extends Error {
  override readonly name = "RegularExpressionError";
}

/** Throws a RegularExpressionError for what Go could not compile. */
export function compileRegularExpression(source: string): RegularExpression {
  // Compiled there first in any case: it judges the syntax.
  const linear = compileLinear(source);
  const native = nativePattern(source);
  if (native === undefined) return { source, matches: (text) => linear.test(text) };
  const { expression, longest } = native;
  return { source, matches: (text) => (text.length <= longest ? expression.test(text) : linear.test(text)) };
}

function compileLinear(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (thrown) {
    if (thrown instanceof RE2JSException) throw new RegularExpressionError(thrown.message, { cause: thrown });
    throw thrown;
  }
}

export interface RegularExpressions {
  /** Throws a RegularExpressionError. */
  compile(source: string): RegularExpression;
}

/** Remembers the expressions that were used last. */
export function createRegularExpressions(capacity = 1_000): RegularExpressions {
  const known = new Map<string, RegularExpression>();
  return {
    compile(source) {
      const found = known.get(source);
      const expression = found ?? compileRegularExpression(source);
      if (found !== undefined) known.delete(source);
      known.set(source, expression);
      const oldest = known.size > capacity ? known.keys().next().value : undefined;
      if (oldest !== undefined) known.delete(oldest);
      return expression;
    },
  };
}
