import type { CelError } from "../cel.ts";
import type { Entry, Expression, Item, StructField } from "./expression.ts";
import { issuesError, type Issue } from "./issues.ts";
import { readBytes, readDouble, readInt, readString, readUint } from "./literals.ts";
import { expandMacro } from "./macros.ts";
import { tokenize, type Token } from "./tokens.ts";
import { textSize, type Value } from "../values/value.ts";
import {
  accept,
  checkDepth,
  close,
  current,
  deeper,
  expect,
  isSymbol,
  refuseStart,
  startOfArguments,
  startOfEntries,
  startOfExpression,
  startOfFields,
  startOfIndex,
  startOfItems,
  SyntaxIssue,
  take,
  unexpected,
  type Parser,
} from "./token-reader.ts";

/** Upstream's bound, in code points. */
const longestText = 100_000;
const reserved = new Set(
  "as break const continue else for function if import let loop package namespace return var void while".split(" "),
);
const relations = new Set(["<", "<=", ">=", ">", "==", "!=", "in"]);

/** Throws CelError. The grammar: https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax */
export function parse(text: string): Expression {
  const size = text.length <= longestText ? text.length : textSize(text);
  if (size > longestText) throw tooLong(size);
  const issues: Issue[] = [];
  const parser: Parser = { tokens: tokenize(text, issues), issues, place: 0, depth: 0 };
  let parsed: Expression | undefined;
  try {
    parsed = readExpression(parser);
    if (current(parser).kind !== "end") unexpected(parser, "<EOF>", ({ kind }) => kind === "end");
  } catch (thrown) {
    if (!(thrown instanceof SyntaxIssue)) throw thrown;
    issues.push({ at: thrown.at, message: thrown.message });
  }
  if (parsed === undefined || issues.length > 0) throw issuesError(text, issues);
  return parsed;
}

function tooLong(size: number): CelError {
  const message = `expression code point size exceeds limit: size: ${size}, limit ${longestText}`;
  return issuesError("", [{ at: -1, message }]);
}

function call(at: number, name: string, args: readonly Expression[]): Expression {
  return { kind: "call", at, function: name, target: undefined, args };
}

function readExpression(parser: Parser): Expression {
  return deeper(parser, () => {
    const condition = readLogical(parser, "||", () => readLogical(parser, "&&", () => readRelation(parser)));
    const question = accept(parser, "?");
    if (question === undefined) return condition;
    const then = readLogical(parser, "||", () => readLogical(parser, "&&", () => readRelation(parser)));
    expect(parser, ":", "':'");
    return call(question.at, "_?_:_", [condition, then, readExpression(parser)]);
  });
}

/** Chains become balanced trees, so that a long one is not a deep one. */
function readLogical(parser: Parser, operator: "||" | "&&", readTerm: () => Expression): Expression {
  const terms = [readTerm()];
  const places: number[] = [];
  for (let token = accept(parser, operator); token !== undefined; token = accept(parser, operator)) {
    places.push(token.at);
    terms.push(readTerm());
  }
  return balance(operator, terms, places);
}

function balance(operator: string, terms: readonly Expression[], places: readonly number[]): Expression {
  const [only] = terms;
  if (only !== undefined && terms.length === 1) return only;
  const half = Math.ceil(terms.length / 2);
  const left = balance(operator, terms.slice(0, half), places.slice(0, half - 1));
  const right = balance(operator, terms.slice(half), places.slice(half));
  return call(places[half - 1] ?? 0, `_${operator}_`, [left, right]);
}

function readRelation(parser: Parser): Expression {
  return readChain(parser, relations, () =>
    readChain(parser, new Set(["+", "-"]), () => readChain(parser, new Set(["*", "/", "%"]), () => readUnary(parser))),
  );
}

function readChain(parser: Parser, operators: ReadonlySet<string>, readOperand: () => Expression): Expression {
  let left = readOperand();
  for (let length = 1; isOperator(parser, operators); length++) {
    checkDepth(parser, length);
    const { at, text } = take(parser);
    left = call(at, text === "in" ? "@in" : `_${text}_`, [left, readOperand()]);
  }
  return left;
}

function isOperator(parser: Parser, operators: ReadonlySet<string>): boolean {
  const { kind, text } = current(parser);
  return (kind === "symbol" || (kind === "name" && text === "in")) && operators.has(text);
}

/** An even number of the same operator is none. */
function readUnary(parser: Parser): Expression {
  const first = accept(parser, "!") ?? accept(parser, "-");
  if (first === undefined) return readMember(parser, readPrimary(parser));
  const number = first.text === "-" ? readNegativeNumber(parser, first.at) : undefined;
  if (number !== undefined) return readMember(parser, number);
  let count = 1;
  while (accept(parser, first.text) !== undefined) count++;
  const operand = deeper(parser, () => readMember(parser, readPrimary(parser)));
  return count % 2 === 0 ? operand : call(first.at, `${first.text}_`, [operand]);
}

function readNegativeNumber(parser: Parser, at: number): Expression | undefined {
  const { kind } = current(parser);
  if (kind !== "int" && kind !== "double") return undefined;
  const token = take(parser);
  return literal(parser, { kind, at, text: `-${token.text}` });
}

function readMember(parser: Parser, start: Expression): Expression {
  let operand = start;
  for (let length = 1; ; length++) {
    checkDepth(parser, length);
    const next = readDot(parser, operand) ?? readIndex(parser, operand);
    if (next === undefined) return operand;
    operand = next;
  }
}

function readDot(parser: Parser, operand: Expression): Expression | undefined {
  const dot = accept(parser, ".");
  if (dot === undefined) return undefined;
  const optional = accept(parser, "?") !== undefined;
  const name = readName(parser, dot);
  const open = optional ? undefined : accept(parser, "(");
  if (open !== undefined) return member(parser, open.at, name, operand, readArguments(parser));
  if (!optional) return { kind: "select", at: dot.at, operand, field: name, test: false };
  const field: Expression = { kind: "literal", at: dot.at, value: name };
  return call(dot.at, "_?._", [operand, field]);
}

/** Of a field or a function: reserved words may be both, keywords may not. */
function readName(parser: Parser, dot: Token): string {
  const { kind, text, at } = current(parser);
  if (text === "true" || text === "false" || text === "null") refuseStart(parser, "IDENTIFIER");
  if (kind !== "name" || text === "in") {
    const input = kind === "end" ? dot.text : `${dot.text}${text}`;
    throw new SyntaxIssue(at, `Syntax error: no viable alternative at input '${input}'`);
  }
  if (text.startsWith("`")) parser.issues.push({ at, message: "unsupported syntax: '`'" });
  return take(parser).text;
}

function readIndex(parser: Parser, operand: Expression): Expression | undefined {
  const open = accept(parser, "[");
  if (open === undefined) return undefined;
  const optional = accept(parser, "?") !== undefined;
  if (current(parser).kind === "end") refuseStart(parser, optional ? startOfExpression : startOfIndex);
  const index = readExpression(parser);
  close(parser, "]");
  return call(open.at, optional ? "_[?_]" : "_[_]", [operand, index]);
}

function readArguments(parser: Parser): readonly Expression[] {
  const args: Expression[] = [];
  if (accept(parser, ")") !== undefined) return args;
  if (current(parser).kind === "end") refuseStart(parser, startOfArguments);
  do args.push(readExpression(parser));
  while (accept(parser, ",") !== undefined);
  close(parser, ")", "{')', ','}");
  return args;
}

function member(
  parser: Parser,
  at: number,
  name: string,
  target: Expression | undefined,
  args: readonly Expression[],
): Expression {
  const plain = { kind: "call", at, function: name, target, args } as const;
  return expandMacro(plain, parser.issues) ?? plain;
}

function readPrimary(parser: Parser): Expression {
  const token = current(parser);
  if (token.kind === "name") return readNamed(parser);
  if (token.kind === "symbol") return readBracketed(parser);
  if (token.kind === "end") refuseStart(parser);
  return literal(parser, take(parser));
}

function literal(parser: Parser, { kind, at, text }: Token): Expression {
  const value = literalValue(kind, text);
  if (value !== undefined) return { kind: "literal", at, value };
  parser.issues.push({ at, message: `invalid ${kind} literal` });
  return { kind: "literal", at, value: null };
}

function literalValue(kind: Token["kind"], text: string): Value | undefined {
  if (kind === "string") return readString(text);
  if (kind === "bytes") return readBytes(text);
  if (kind === "int") return readInt(text);
  return kind === "uint" ? readUint(text) : readDouble(text);
}

function readNamed(parser: Parser): Expression {
  const { at, text } = take(parser);
  if (text === "true" || text === "false") return { kind: "literal", at, value: text === "true" };
  if (text === "null") return { kind: "literal", at, value: null };
  if (text === "in") {
    parser.place--;
    refuseStart(parser);
  }
  if (reserved.has(text)) parser.issues.push({ at, message: `reserved identifier: ${text}` });
  if (text.startsWith("`")) parser.issues.push({ at, message: "unsupported syntax: '`'" });
  const open = accept(parser, "(");
  if (open !== undefined) return member(parser, open.at, text, undefined, readArguments(parser));
  return readStruct(parser, text) ?? { kind: "identifier", at, name: text };
}

/** `Name{…}` or `Name.name{…}`; undefined where no brace follows the name. */
function readStruct(parser: Parser, first: string): Expression | undefined {
  let name = first;
  let ahead = parser.place;
  const symbolAt = (place: number, text: string): boolean =>
    parser.tokens[place]?.kind === "symbol" && parser.tokens[place].text === text;
  while (symbolAt(ahead, ".") && parser.tokens[ahead + 1]?.kind === "name") {
    name += `.${parser.tokens[ahead + 1]?.text}`;
    ahead += 2;
  }
  if (!symbolAt(ahead, "{")) return undefined;
  parser.place = ahead;
  const { at } = take(parser);
  return { kind: "struct", at, name, fields: deeper(parser, () => readFields(parser)) };
}

function readFields(parser: Parser): readonly StructField[] {
  const fields: StructField[] = [];
  while (accept(parser, "}") === undefined) {
    const optional = accept(parser, "?") !== undefined;
    if (current(parser).kind !== "name") unexpected(parser, startOfFields, ({ kind }) => kind === "name");
    const name = take(parser);
    const colon = expect(parser, ":", "':'");
    fields.push({ at: colon.at, name: name.text, value: readExpression(parser), optional });
    separate(parser, "}");
  }
  return fields;
}

function readBracketed(parser: Parser): Expression {
  const { at, text } = take(parser);
  if (text === "(") {
    const inner = readExpression(parser);
    close(parser, ")");
    return inner;
  }
  if (text === "[") return { kind: "list", at, items: readItems(parser) };
  if (text === "{") return { kind: "map", at, entries: readEntries(parser) };
  if (text === "." && current(parser).kind === "name") return readNamed(parser);
  parser.place--;
  return refuseStart(parser);
}

/** Between the parts of a literal; a comma may also come last. */
function separate(parser: Parser, end: "]" | "}"): void {
  const comma = accept(parser, ",");
  if (comma !== undefined && current(parser).kind === "end") close(parser, end);
  if (comma === undefined && !isSymbol(parser, end))
    unexpected(parser, `{'${end}', ','}`, ({ text }) => text === end || text === ",");
}

function readItems(parser: Parser): readonly Item[] {
  const items: Item[] = [];
  if (current(parser).kind === "end") refuseStart(parser, startOfItems);
  while (accept(parser, "]") === undefined) {
    const optional = accept(parser, "?") !== undefined;
    items.push({ value: readExpression(parser), optional });
    separate(parser, "]");
  }
  return items;
}

function readEntries(parser: Parser): readonly Entry[] {
  const entries: Entry[] = [];
  if (current(parser).kind === "end") refuseStart(parser, startOfEntries);
  while (accept(parser, "}") === undefined) {
    const optional = accept(parser, "?") !== undefined;
    const key = readExpression(parser);
    expect(parser, ":", "':'");
    entries.push({ key, value: readExpression(parser), optional });
    separate(parser, "}");
  }
  return entries;
}
