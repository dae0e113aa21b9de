/** `fieldPath` of validation rules: `.spec.x['a-b']`, from where the rule stands to a field that exists. */
import { additionalSchema, type Structural } from "./structural.ts";

export type FieldPath = { readonly path: string; readonly schema: Structural } | { readonly problem: string };

const noField = "does not refer to a valid field";
const cutOff = "unexpected end of JSON path";

/** The path as findings write it, without the leading dot. */
export function normalizeFieldPath(text: string, schema: Structural): FieldPath {
  const tokens = tokensOf(text);
  let path = "";
  let here = schema;
  for (let at = 0; at < tokens.length;) {
    const opening = tokens[at] ?? "";
    const name = readName(tokens, at);
    if ("problem" in name) return name;
    at = name.next;
    const step = stepInto(here, name.text);
    if (step === undefined) return { problem: noField };
    path += step.isProperty ? `${path === "" ? "" : "."}${name.text}` : `[${name.text}]`;
    here = step.schema;
    if (opening === "[" && tokens[at - 1] !== "]") return { problem: `expected ] but got ${tokens[at - 1] ?? ""}` };
  }
  return { path, schema: here };
}

type Name = { readonly text: string; readonly next: number } | { readonly problem: string };

function readName(tokens: readonly string[], at: number): Name {
  const opening = tokens[at];
  const token = tokens[at + 1];
  if (opening === ".") return token === undefined ? { problem: cutOff } : { text: token, next: at + 2 };
  if (opening !== "[") return { problem: `expected [ or . but got: ${opening ?? ""}` };
  if (token === undefined) return { problem: cutOff };
  if (token.length < 2 || !token.startsWith("'") || !token.endsWith("'"))
    return { problem: `expected single quoted string but got ${token}` };
  if (tokens[at + 2] === undefined) return { problem: cutOff };
  return unquote(token.slice(1, -1), at + 3);
}

function stepInto(schema: Structural, name: string): { schema: Structural; isProperty: boolean } | undefined {
  if (schema.properties !== undefined) {
    const property = schema.properties.get(name);
    return property && { schema: property, isProperty: true };
  }
  const value = additionalSchema(schema);
  return value && { schema: value, isProperty: false };
}

/** Dots and brackets are tokens, and so is all between them; in quotes they are text. */
function tokensOf(text: string): string[] {
  return text.match(/'(?:[^'\\]|\\.|\\$)*'?|[.[\]]|[^.[\]']+'?[^.[\]]*/gs) ?? [];
}

const escapes: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "'": "'",
  "\\": "\\",
};

function unquote(text: string, next: number): Name {
  const wrong = [...text.matchAll(/\\(.)/gs)].find(([, char = ""]) => !Object.hasOwn(escapes, char));
  if (wrong !== undefined) return { problem: `invalid string literal: invalid escape char ${wrong[0]}` };
  return { text: text.replaceAll(/\\(.)/gs, (_, char: string) => escapes[char] ?? char), next };
}
