/**
 * The regular expressions that may run on the JavaScript engine, which is many times faster but tries again and again
 * where an expression leaves it a choice: only those that mean the same to Go, and have too few choices to do harm.
 */
export interface NativePattern {
  readonly expression: RegExp;
  /** In longer texts even two choices take too long. */
  readonly longest: number;
}

/** The text's length to this power bounds the steps: one factor for each repetition, one where the match may start anywhere. */
const mostChoices = 2;
const longestWithOneChoice = 20_000;
const longestWithChoices = 1_000;
/** Alternatives, `?` and `{0,9}` multiply the steps by how many ways each leaves open. */
const smallRepetition = 9;
const mostWays = 64;

interface Reader {
  readonly source: string;
  at: number;
  /** The same expression in the other dialect. */
  out: string;
  choices: number;
  ways: number;
}

/** Undefined: leave it to the engine that is linear. */
export function nativePattern(source: string): NativePattern | undefined {
  if (source.length > 1_000) return undefined;
  const isAnchored = source.startsWith("^") && !source.includes("|");
  const reader: Reader = { source, at: 0, out: "", choices: isAnchored ? 0 : 1, ways: 1 };
  if (!readAlternatives(reader, 0) || reader.at < source.length) return undefined;
  if (reader.choices > mostChoices || reader.ways > mostWays) return undefined;
  return {
    expression: new RegExp(reader.out, "u"),
    longest: reader.choices < mostChoices ? longestWithOneChoice : longestWithChoices,
  };
}

/** Up to the closing parenthesis or the end. False: not of the simple kind. */
function readAlternatives(reader: Reader, depth: number): boolean {
  if (depth > 10) return false;
  for (;;) {
    const char = reader.source[reader.at];
    if (char === undefined || char === ")") return true;
    if (char === "|") {
      reader.at++;
      reader.out += "|";
      reader.ways *= 2;
      continue;
    }
    if (!readPiece(reader, depth)) return false;
  }
}

function readPiece(reader: Reader, depth: number): boolean {
  const char = reader.source[reader.at];
  if (char === "^" || char === "$") {
    reader.at++;
    reader.out += char;
    return !/[*+?{]/.test(reader.source[reader.at] ?? "");
  }
  const isGroup = char === "(";
  if (!(isGroup ? readGroup(reader, depth) : readCharacter(reader))) return false;
  return readRepetition(reader, isGroup);
}

function readGroup(reader: Reader, depth: number): boolean {
  reader.at++;
  if (reader.source.startsWith("?:", reader.at)) reader.at += 2;
  else if (reader.source[reader.at] === "?") return false;
  reader.out += "(?:";
  if (!readAlternatives(reader, depth + 1) || reader.source[reader.at] !== ")") return false;
  reader.at++;
  reader.out += ")";
  return true;
}

/** A group may be left out, but not be repeated: repetitions in repetitions are what takes exponential time. */
function readRepetition(reader: Reader, isGroup: boolean): boolean {
  const [written = ""] = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(reader.source.slice(reader.at)) ?? [];
  if (written === "") return reader.source[reader.at] !== "{";
  if (isGroup && written !== "?") return false;
  reader.at += written.length;
  reader.out += written;
  const ways = waysOf(written);
  if (ways === undefined) reader.choices++;
  else reader.ways *= ways;
  return !/[*+?{]/.test(reader.source[reader.at] ?? "");
}

/** Undefined: as many as the text is long. */
function waysOf(written: string): number | undefined {
  if (written === "?") return 2;
  const [, low = "", comma, high = ""] = /^\{(\d+)(,)?(\d*)\}$/.exec(written) ?? [];
  if (low === "") return undefined;
  // An exact number leaves no choice.
  if (comma === undefined) return 1;
  return high !== "" && Number(high) <= smallRepetition ? Number(high) - Number(low) + 1 : undefined;
}

/** What both dialects write alike; `\s` and `.` do not mean the same. */
const classEscapes: Readonly<Record<string, string>> = {
  d: "0-9",
  w: "0-9A-Za-z_",
  s: "\\t\\n\\f\\r ",
  t: "\\t",
  n: "\\n",
  r: "\\r",
  f: "\\f",
};

function readCharacter(reader: Reader): boolean {
  const char = reader.source[reader.at] ?? "";
  if (char === "[") return readClass(reader);
  reader.at++;
  if (char === ".") reader.out += "[^\\n]";
  else if (char === "\\") return readEscape(reader, (set) => `[${set}]`);
  else if (/[ -~]/.test(char) && !/[()*+?{}|\]]/.test(char)) reader.out += quote(char);
  else return false;
  return true;
}

function readEscape(reader: Reader, write: (set: string) => string): boolean {
  const char = reader.source[reader.at++] ?? "";
  const set = Object.hasOwn(classEscapes, char) ? classEscapes[char] : undefined;
  if (set !== undefined) reader.out += write(set);
  else if (/[!-/:-@[-`{-~]/.test(char)) reader.out += quote(char);
  else return false;
  return true;
}

/** `[-a-z0-9_.]`: ASCII, without the classes that have names. */
function readClass(reader: Reader): boolean {
  reader.at++;
  reader.out += "[";
  if (reader.source[reader.at] === "^") {
    reader.at++;
    reader.out += "^";
  }
  // Go takes a `]` that stands first for itself.
  if (reader.source[reader.at] === "]") return false;
  for (;;) {
    const char = reader.source[reader.at];
    if (char === undefined) return false;
    if (char === "]") break;
    if (!readClassMember(reader)) return false;
    // `a-c-e`, `\w-z`: what the hyphen means there is not obvious.
    if (startsRange(reader)) return false;
  }
  reader.at++;
  reader.out += "]";
  return true;
}

/** A hyphen that is not the last of its class. */
function startsRange({ source, at }: Reader): boolean {
  return source[at] === "-" && source[at + 1] !== "]";
}

function readClassMember(reader: Reader): boolean {
  const char = reader.source[reader.at++] ?? "";
  if (char === "\\") return readEscape(reader, (set) => set);
  if (char === "[" || !/[ -~]/.test(char)) return false;
  if (char === "-" || !startsRange(reader)) {
    reader.out += quote(char);
    return true;
  }
  const high = reader.source[reader.at + 1] ?? "";
  reader.at += 2;
  reader.out += `${char}-${high}`;
  return /[0-9A-Za-z]/.test(char) && /[0-9A-Za-z]/.test(high) && high >= char;
}

function quote(char: string): string {
  if (/[0-9A-Za-z]/.test(char)) return char;
  return `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
