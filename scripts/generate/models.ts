import { readFileSync } from "node:fs";
import type { OpenApiFacts } from "./facts.ts";

export interface ModelField {
  readonly name: string;
  readonly required: boolean;
  readonly description: string | undefined;
  /** As client-node writes it: `Array<V1Container>`, `{ [key: string]: string; }`, `Date`. */
  readonly type: string;
  readonly format: string;
}

export interface Model {
  readonly description: string | undefined;
  readonly fields: ReadonlyMap<string, ModelField>;
}

const entities: Readonly<Record<string, string>> = { "&quot;": '"', "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/** client-node's generator escapes for comments; the published text has neither entities nor backslashes. */
export function plainText(comment: string): string {
  return comment
    .replace(/\\(&#?\w+;)/g, "$1")
    .replace(/&#(x?)(\w+);/g, (_, hex: string, code: string) =>
      String.fromCodePoint(parseInt(code, hex === "" ? 10 : 16)),
    )
    .replace(/&(?:quot|amp|lt|gt);/g, (found) => entities[found] ?? found)
    .replace(/\\(["'\\])/g, "$1")
    .replaceAll("*_/", "*/")
    .replaceAll("/_*", "/*");
}

export function modelName(definition: string, facts: OpenApiFacts): string {
  const exception = facts.clientNodeModel.exceptions[definition];
  if (exception !== undefined) return exception;
  const [version = "", kind = ""] = definition.split(".").slice(-2);
  return version.charAt(0).toUpperCase() + version.slice(1) + kind;
}

/**
 * Reads a class of client-node as text: 2.x cannot be imported on Node 20. The declaration file has descriptions and
 * required markers, the script file names on the wire and formats.
 */
export function readModel(folder: URL, name: string): Model {
  const script = readFileSync(new URL(`${name}.js`, folder), "utf8");
  const start = script.indexOf("attributeTypeMap = [");
  const attributes =
    start < 0
      ? []
      : (JSON.parse(script.slice(script.indexOf("[", start), script.lastIndexOf("];") + 1)) as Attribute[]);

  const declaration = readFileSync(new URL(`${name}.d.ts`, folder), "utf8");
  const body = declaration.indexOf("export declare class");
  const head = /\/\*\*\n\* (.*)\n\*\/\n$/.exec(declaration.slice(0, body));
  const members = new Map<string, { optional: boolean; description: string | undefined }>();
  for (const found of declaration.slice(body).matchAll(/(?:\/\*\*\n\s+\* (.*)\n\s+\*\/\n\s+)?'([^']+)'(\?)?: /g)) {
    const [, comment, member = "", mark] = found;
    members.set(member, {
      optional: mark === "?",
      description: comment === undefined ? undefined : plainText(comment),
    });
  }

  const fields = new Map<string, ModelField>();
  for (const attribute of attributes) {
    const member = members.get(attribute.name);
    if (member === undefined) throw new Error(`${name}: ${attribute.name} has no declaration`);
    const { baseName, type, format } = attribute;
    fields.set(baseName, { name: baseName, required: !member.optional, description: member.description, type, format });
  }
  return { description: head?.[1] === undefined ? undefined : plainText(head[1]), fields };
}

interface Attribute {
  readonly name: string;
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}
