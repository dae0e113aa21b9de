/**
 * What is wrong with a text that JSON.parse has refused, in the words of Go's encoding/json, which users of the API
 * know. A grammar in miniature: each step answers the place after what it read, or throws the words.
 */
export function describeSyntaxError(text: string): string {
  try {
    readAll(text);
    return "invalid JSON";
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return thrown.message;
    throw thrown;
  }
}

function unexpected(text: string, at: number, context: string): SyntaxError {
  const point = text.codePointAt(at);
  if (point === undefined) return new SyntaxError("unexpected end of JSON input");
  return new SyntaxError(`invalid character ${quoteCharacter(String.fromCodePoint(point))} ${context}`);
}

function quoteCharacter(character: string): string {
  if (character === "'") return "'\\''";
  if (character === '"') return "'\"'";
  return `'${JSON.stringify(character).slice(1, -1)}'`;
}

function skipSpace(text: string, at: number): number {
  const space = /[ \t\r\n]*/y;
  space.lastIndex = at;
  space.test(text);
  return space.lastIndex;
}

/** Iterative: `open` holds the closing brackets that are still missing. */
function readAll(text: string): void {
  const open: ("}" | "]")[] = [];
  let at = 0;
  let fresh = false;
  for (;;) {
    at = skipSpace(text, at);
    const closer = open.at(-1);
    // An empty container closes where a member could stand.
    if (!(fresh && text[at] === closer)) {
      if (closer === "}") at = readKey(text, at);
      const opened = text[at] === "{" ? "}" : text[at] === "[" ? "]" : undefined;
      fresh = opened !== undefined;
      if (opened !== undefined) {
        open.push(opened);
        at++;
        continue;
      }
      at = readScalar(text, at);
    }
    fresh = false;
    at = closeAll(text, at, open);
    if (open.length === 0) {
      at = skipSpace(text, at);
      if (at < text.length) throw unexpected(text, at, "after top-level value");
      return;
    }
  }
}

/** After a value: closes what ends here and steps over the comma. */
function closeAll(text: string, start: number, open: ("}" | "]")[]): number {
  let at = skipSpace(text, start);
  while (open.length > 0 && text[at] === open.at(-1)) {
    open.pop();
    at = skipSpace(text, at + 1);
  }
  if (open.length === 0) return at;
  if (text[at] === ",") return at + 1;
  throw unexpected(text, at, open.at(-1) === "}" ? "after object key:value pair" : "after array element");
}

function readKey(text: string, start: number): number {
  if (text[start] !== '"') throw unexpected(text, start, "looking for beginning of object key string");
  const at = skipSpace(text, readString(text, start));
  if (text[at] !== ":") throw unexpected(text, at, "after object key");
  return skipSpace(text, at + 1);
}

function readScalar(text: string, at: number): number {
  const first = text[at] ?? "";
  if (first === '"') return readString(text, at);
  if (first === "t") return readWord(text, at, "true");
  if (first === "f") return readWord(text, at, "false");
  if (first === "n") return readWord(text, at, "null");
  if (/[-0-9]/.test(first)) return readNumber(text, at);
  throw unexpected(text, at, "looking for beginning of value");
}

function readWord(text: string, start: number, word: string): number {
  for (let index = 0; index < word.length; index++) {
    if (text[start + index] !== word[index])
      throw unexpected(text, start + index, `in literal ${word} (expecting '${word[index]}')`);
  }
  return start + word.length;
}

function readString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    const character = text[at] ?? "";
    if (character === '"') return at + 1;
    if (character < " ") throw unexpected(text, at, "in string literal");
    if (character !== "\\") continue;
    at++;
    if (!/["\\/bfnrtu]/.test(text[at] ?? "")) throw unexpected(text, at, "in string escape code");
    if (text[at] !== "u") continue;
    for (const end = at + 4; at < end;) {
      at++;
      if (!/[0-9a-fA-F]/.test(text[at] ?? "")) throw unexpected(text, at, "in \\u hexadecimal character escape");
    }
  }
}

function readNumber(text: string, start: number): number {
  const digits = (from: number, context: string): number => {
    let at = from;
    while (/[0-9]/.test(text[at] ?? "")) at++;
    if (at === from) throw unexpected(text, at, context);
    return at;
  };
  let at = text[start] === "-" ? start + 1 : start;
  at = text[at] === "0" ? at + 1 : digits(at, "in numeric literal");
  if (text[at] === ".") at = digits(at + 1, "after decimal point in numeric literal");
  if (text[at] !== "e" && text[at] !== "E") return at;
  at++;
  if (text[at] === "+" || text[at] === "-") at++;
  return digits(at, "in exponent of numeric literal");
}
