import type { Issue } from "./issues.ts";
import type { Token } from "./tokens.ts";

/** Upstream's bounds: of the text, of nesting, and of chains of operators or selectors, which make deep trees too. */
const deepest = 250;
const longestChain = 252;
/** Both together, which bounds the stack. */
const deepestTree = 400;

const literals = "'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
/** What messages expect: at the start of an expression, and where something else may come instead. */
export const startOfExpression: string = `{'[', '{', '(', '.', '-', '!', ${literals}`;
export const startOfIndex: string = `{'[', '{', '(', '.', '-', '!', '?', ${literals}`;
export const startOfArguments: string = `{'[', '{', '(', ')', '.', '-', '!', ${literals}`;
export const startOfItems: string = `{'[', ']', '{', '(', '.', ',', '-', '!', '?', ${literals}`;
export const startOfEntries: string = `{'[', '{', '}', '(', '.', ',', '-', '!', '?', ${literals}`;
export const startOfFields: string = "{'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}";
/** Ends the parse at the first syntax error; all that the lexer found is told with it. */
export class SyntaxIssue extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

export interface Parser {
  readonly tokens: readonly Token[];
  readonly issues: Issue[];
  place: number;
  depth: number;
}

export function current(parser: Parser): Token {
  const token = parser.tokens[parser.place];
  if (token === undefined) throw new SyntaxIssue(0, "Syntax error");
  return token;
}

export function take(parser: Parser): Token {
  const token = current(parser);
  if (token.kind !== "end") parser.place++;
  return token;
}

export function isSymbol(parser: Parser, text: string): boolean {
  const token = current(parser);
  return token.kind === "symbol" && token.text === text;
}

/** The token when it is that symbol. */
export function accept(parser: Parser, text: string): Token | undefined {
  return isSymbol(parser, text) ? take(parser) : undefined;
}

export function expect(parser: Parser, text: string, expected: string): Token {
  return accept(parser, text) ?? unexpected(parser, expected, ({ text: next }) => next === text);
}

/** Closes what was opened; the end of the text misses it. */
export function close(parser: Parser, text: string, expected = `'${text}'`): Token {
  const { kind, at } = current(parser);
  if (kind === "end") throw new SyntaxIssue(at, `Syntax error: missing '${text}' at '<EOF>'`);
  return expect(parser, text, expected);
}

/** In upstream's words: a token too many, when the one behind it fits; otherwise the wrong one. */
export function unexpected(parser: Parser, expected: string, fits: (next: Token) => boolean): never {
  const { kind, at, text } = current(parser);
  const next = parser.tokens[parser.place + 1];
  const extraneous = kind !== "end" && next !== undefined && fits(next);
  const word = extraneous ? "extraneous" : "mismatched";
  throw new SyntaxIssue(at, `Syntax error: ${word} input '${text}' expecting ${expected}`);
}

function startsExpression({ kind, text }: Token): boolean {
  if (kind === "symbol") return ["[", "{", "(", ".", "-", "!"].includes(text);
  return kind !== "end" && text !== "in";
}

export function refuseStart(parser: Parser, expected: string = startOfExpression): never {
  return unexpected(parser, expected, startsExpression);
}

export function deeper<T>(parser: Parser, read: () => T): T {
  if (++parser.depth > deepest) throw new SyntaxIssue(-1, `expression recursion limit exceeded: ${deepest}`);
  const result = read();
  parser.depth--;
  return result;
}

export function checkDepth(parser: Parser, chain: number): void {
  if (chain > longestChain || parser.depth + chain > deepestTree)
    throw new SyntaxIssue(-1, "max recursion depth exceeded");
}
