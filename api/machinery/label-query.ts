import { describeFieldError } from "./field-error.ts";
import { bad } from "./findings.ts";
import {
  createRequirement,
  createSelector,
  type LabelOperator,
  type LabelRequirement,
  type Selector,
  SelectorError,
} from "./labels.ts";
import { labelKey } from "./names.ts";
import { ApiError } from "./status.ts";

/** No query is longer than a request line; this bounds selectors from bodies too. */
const longestQuery = 100_000;
const binaryOperators = "in, notin, =, ==, !=, gt, lt";

/** The text of `?labelSelector=`: `a=b,c in (d,e),!f`. Refused with 400 and upstream's words. */
export function parseLabelSelector(text: string): Selector {
  try {
    return parse(text);
  } catch (thrown) {
    if (thrown instanceof SelectorError) throw new ApiError("BadRequest", thrown.message, { cause: thrown });
    throw thrown;
  }
}

interface Token {
  readonly type: "word" | "symbol" | "end";
  readonly text: string;
}

const end: Token = { type: "end", text: "" };

/** Reads tokens one at a time; `in` and `notin` are words that only an operator's place makes special. */
interface Reader {
  peek(): Token;
  next(): Token;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (const [part, word, symbol] of text.matchAll(/([^\s=!(),<>]+)|(!=|==|[=!(),<>])/g)) {
    if (word !== undefined) tokens.push({ type: "word", text: part });
    else if (symbol !== undefined) tokens.push({ type: "symbol", text: symbol });
  }
  return tokens;
}

function parse(text: string): Selector {
  if (text.length > longestQuery) throw new SelectorError("unable to parse requirement: the selector is too long");
  const tokens = tokenize(text);
  let place = 0;
  const reader: Reader = { peek: () => tokens[place] ?? end, next: () => tokens[place++] ?? end };
  const requirements: LabelRequirement[] = [];
  while (reader.peek().type !== "end") {
    if (!startsRequirement(reader.peek())) {
      throw new SelectorError(`found '${reader.peek().text}', expected: !, identifier, or 'end of string'`);
    }
    requirements.push(readRequirement(reader));
    const separator = reader.next();
    if (separator.type === "end") break;
    if (separator.text !== ",") throw new SelectorError(`found '${separator.text}', expected: ',' or 'end of string'`);
    if (!startsRequirement(reader.peek()))
      throw new SelectorError(`found '${reader.peek().text}', expected: identifier after ','`);
  }
  return createSelector(requirements);
}

function startsRequirement(token: Token): boolean {
  return token.type === "word" || isSymbol(token, "!");
}

function isSymbol(token: Token, text: string): boolean {
  return token.type === "symbol" && token.text === text;
}

function readRequirement(reader: Reader): LabelRequirement {
  try {
    const absent = isSymbol(reader.peek(), "!");
    if (absent) reader.next();
    const key = readKey(reader);
    const after = reader.peek();
    if (after.type === "end" || isSymbol(after, ",")) return createRequirement(key, absent ? "!" : "exists", []);
    const operator = readOperator(reader);
    const values = operator === "in" || operator === "notin" ? readList(reader) : [readValue(reader)];
    return createRequirement(key, operator, [...new Set(values)].toSorted());
  } catch (thrown) {
    if (thrown instanceof SelectorError) throw new SelectorError(`unable to parse requirement: ${thrown.message}`);
    throw thrown;
  }
}

function readKey(reader: Reader): string {
  const { type, text } = reader.next();
  if (type !== "word") throw new SelectorError(`found '${text}', expected: identifier`);
  const problems = labelKey(text);
  if (problems.length === 0) return text;
  // The field has no path here, and upstream prints it so.
  throw new SelectorError(`<nil>: ${describeFieldError(bad("", text, problems.join("; ")))}`);
}

function readOperator(reader: Reader): LabelOperator {
  const { text } = reader.next();
  switch (text) {
    case "in":
    case "notin":
    case "=":
    case "==":
    case "!=":
      return text;
    case ">":
      return "gt";
    case "<":
      return "lt";
    default:
      throw new SelectorError(`found '${text}', expected: ${binaryOperators}`);
  }
}

/** `a=` demands the empty value. */
function readValue(reader: Reader): string {
  const token = reader.peek();
  if (token.type === "end" || isSymbol(token, ",")) return "";
  reader.next();
  if (token.type !== "word") throw new SelectorError(`found '${token.text}', expected: identifier`);
  return token.text;
}

/** `(a,b)`; every empty place between commas and brackets is the empty value. */
function readList(reader: Reader): string[] {
  const open = reader.next();
  if (!isSymbol(open, "(")) throw new SelectorError(`found '${open.text}' expected: '('`);
  const first = reader.peek();
  if (first.type !== "word" && !isSymbol(first, ",") && !isSymbol(first, ")")) {
    throw new SelectorError(`found '${first.text}', expected: ',', ')' or identifier`);
  }
  const values: string[] = [];
  for (;;) {
    const token = reader.peek();
    if (token.type === "word") reader.next();
    else if (!isSymbol(token, ",") && !isSymbol(token, ")"))
      throw new SelectorError(`found '${token.text}', expected: ',', or identifier`);
    values.push(token.type === "word" ? token.text : "");
    const separator = reader.next();
    if (isSymbol(separator, ")")) return values;
    if (!isSymbol(separator, ",")) throw new SelectorError(`found '${separator.text}', expected: ',' or ')'`);
  }
}
