import type { Issue } from "./issues.ts";

type TokenKind = "name" | "int" | "uint" | "double" | "string" | "bytes" | "symbol" | "end";

export interface Token {
  readonly kind: TokenKind;
  readonly at: number;
  /** As written; `<EOF>` at the end. */
  readonly text: string;
}

/** https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax */
const space = /(?:[\t\f\r\n ]|\/\/[^\n]*)+/y;
const escape = String.raw`\\(?:[abfnrtv"'\\?\x60]|x[0-9a-fA-F]{2}|X[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})`;
const plain = [
  `"""(?:${escape}|(?!""")[^\\\\])*"""`,
  `'''(?:${escape}|(?!''')[^\\\\])*'''`,
  `"(?:${escape}|[^"\\\\\\n\\r])*"`,
  `'(?:${escape}|[^'\\\\\\n\\r])*'`,
].join("|");
const raw = [`"""(?:(?!""")[^])*"""`, `'''(?:(?!''')[^])*'''`, String.raw`"[^"\n\r]*"`, String.raw`'[^'\n\r]*'`].join(
  "|",
);
const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ["bytes", new RegExp(`[bB](?:[rR](?:${raw})|(?:${plain}))`, "y")],
  ["string", new RegExp(`[rR](?:${raw})|(?:${plain})`, "y")],
  ["double", /[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?/y],
  ["uint", /(?:0x[0-9a-fA-F]+|[0-9]+)[uU]/y],
  ["int", /0x[0-9a-fA-F]+|[0-9]+/y],
  ["name", /[_a-zA-Z][_a-zA-Z0-9]*|`[a-zA-Z0-9_.\-/ ]+`/y],
  ["symbol", /==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()[\]{}]/y],
];

/** Text that is no token is reported and skipped, as upstream's lexer does. */
export function tokenize(text: string, issues: Issue[]): readonly Token[] {
  const tokens: Token[] = [];
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const token = tokenAt(text, at);
    if (token !== undefined) tokens.push(token);
    else issues.push({ at, message: `Syntax error: token recognition error at: '${unreadable(text, at)}'` });
    at = skipSpace(text, at + (token?.text.length ?? unreadable(text, at).length));
  }
  tokens.push({ kind: "end", at: text.length, text: "<EOF>" });
  return tokens;
}

function skipSpace(text: string, at: number): number {
  space.lastIndex = at;
  return space.test(text) ? space.lastIndex : at;
}

function tokenAt(text: string, at: number): Token | undefined {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) return { kind, at, text: match[0] };
  }
  return undefined;
}

/** A broken string up to where it breaks, or one character. */
function unreadable(text: string, at: number): string {
  const quote = text.charAt(at);
  // Half of an operator, and what stands in the place of the other half.
  if ("=&|".includes(quote)) return text.slice(at, at + 2);
  if (quote !== `"` && quote !== "'") return String.fromCodePoint(text.codePointAt(at) ?? 0);
  const broken = new RegExp(`${quote}(?:${escape}|[^${quote}\\\\\\n\\r])*(?:\\\\[^]?)?`, "y");
  broken.lastIndex = at;
  return broken.exec(text)?.[0] ?? quote;
}
