import { CelError } from "../cel.ts";
import type { Type } from "../types/type.ts";

/** What is wrong with a template, whatever is filled in. */
export class FormatIssue extends CelError {}

/** A part of a template: text, or a clause that an argument fills. */
type Clause =
  | { readonly letter?: undefined; readonly text: string }
  | { readonly letter: ClauseLetter; readonly precision: number | undefined };

export type ClauseLetter = "s" | "d" | "f" | "e" | "b" | "o" | "x" | "X";

const pattern = /%(?:(%)|(\.[0-9]*)?([^%]|%)?)/gu;
const mostPlaces = 100;

/** Throws FormatIssue. */
export function clauses(template: string): readonly Clause[] {
  const parts: Clause[] = [];
  let from = 0;
  for (const match of template.matchAll(pattern)) {
    parts.push({ text: template.slice(from, match.index) });
    from = match.index + match[0].length;
    parts.push(match[1] === undefined ? readClause(match[2], match[3]) : { text: "%" });
  }
  parts.push({ text: template.slice(from) });
  return parts;
}

function readClause(precision: string | undefined, letter: string | undefined): Clause {
  if (letter === undefined && precision !== undefined) {
    const words = "error while parsing precision: could not find end of precision specifier";
    throw new FormatIssue(`could not parse formatting clause: ${words}`);
  }
  if (letter === undefined) throw new FormatIssue("unexpected end of string");
  if (!isLetter(letter))
    throw new FormatIssue(`could not parse formatting clause: unrecognized formatting clause "${letter}"`);
  const places = precision === undefined || precision === "." ? undefined : Number(precision.slice(1));
  return { letter, precision: places === undefined ? undefined : Math.min(places, mostPlaces) };
}

function isLetter(letter: string): letter is ClauseLetter {
  return Object.hasOwn(requirements, letter);
}

interface Requirement {
  readonly types: ReadonlySet<string>;
  readonly words: string;
}

function requirement(types: string, words: string): Requirement {
  return { types: new Set(types.split(" ")), words };
}

const hexadecimal = requirement(
  "int uint string bytes",
  "only integers, byte buffers, and strings can be formatted as hex",
);

const requirements: Readonly<Record<ClauseLetter, Requirement>> = {
  s: requirement(
    "bool bytes int uint double string list map type duration timestamp null",
    "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps",
  ),
  d: requirement("int uint", "decimal clause can only be used on integers"),
  f: requirement("double", "fixed-point clause can only be used on doubles"),
  e: requirement("double", "scientific clause can only be used on doubles"),
  b: requirement("int uint bool", "only integers and bools can be formatted as binary"),
  o: requirement("int uint", "octal clause can only be used on integers"),
  x: hexadecimal,
  X: hexadecimal,
};

/** What to say when a value of this type cannot be filled in. */
export function clauseFits(letter: ClauseLetter, type: Type): string | undefined {
  if (requirements[letter].types.has(type.type)) return undefined;
  const named = type.type === "object" ? type.of.name : type.type === "opaque" ? type.name : type.type;
  return clauseMismatch(letter, named === "optional" ? "optional_type" : named);
}

export function clauseMismatch(letter: ClauseLetter, typeName: string): string {
  return `error during formatting: ${requirements[letter].words}, was given ${typeName}`;
}
