import { isObject } from "../machinery/members.ts";
import { compare, type OpenApiSchema } from "./document.ts";
import { fingerprint } from "./fingerprint.ts";
import { v2Prefix } from "./schema-v2.ts";
import type { OpenApiV2, V2Operation, V2Parameter, V2PathItem, V2Reference } from "./v2.ts";

/** What two v2 documents must have in common: facts, and fingerprints of the texts. */
export interface Digest {
  /** Lists that hundreds of operations share, in order of their first use. */
  readonly sets: readonly (readonly string[])[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationDigest>>>>;
  readonly definitions: Readonly<Record<string, DefinitionDigest>>;
}

export type SetIndex = number;

export interface OperationDigest {
  readonly id: string;
  readonly text?: string;
  readonly tags: string;
  readonly action?: string;
  readonly kind?: string;
  /** `query name:type text`, path-level ones included, sorted; `!` marks required ones. */
  readonly parameters: SetIndex;
  readonly body?: string;
  readonly consumes: SetIndex;
  readonly produces: SetIndex;
  /** `200=#Pod`. */
  readonly responses: SetIndex;
}

export interface DefinitionDigest {
  readonly type: string;
  readonly text?: string;
  readonly extensions?: string;
  readonly required?: readonly string[];
  /** `[type, text, extensions]`. */
  readonly fields?: Readonly<Record<string, readonly [type: string, text: string, extensions?: string]>>;
}

const methods = ["get", "put", "post", "delete", "options", "head", "patch"] as const;

export function digestOf(document: OpenApiV2, includePath: (path: string) => boolean = () => true): Digest {
  const paths = Object.entries(document.paths).filter(([path]) => includePath(path));
  const work: Work = { document, names: new Set(), sets: new Map() };
  const operations = paths.map(([path, item]) => [path, itemDigest(item, work)]);
  for (const name of work.names) collect(document.definitions[name], work.names);
  const definitions = [...work.names]
    .sort(compare)
    .map((name) => [name, definitionDigest(document.definitions[name] ?? {})]);
  const sets = [...work.sets.keys()].map((text) => text.split("\n").filter((line) => line !== ""));
  return { sets, paths: Object.fromEntries(operations), definitions: Object.fromEntries(definitions) };
}

interface Work {
  readonly document: OpenApiV2;
  /** Definitions referred to so far. */
  readonly names: Set<string>;
  readonly sets: Map<string, SetIndex>;
}

function setIndex(values: readonly string[], { sets }: Work): SetIndex {
  const text = values.toSorted(compare).join("\n");
  const known = sets.get(text) ?? sets.size;
  sets.set(text, known);
  return known;
}

/** Line breaks are no part of a text's meaning: the sources that we read have lost them. */
export function textDigest(text: string | undefined): string {
  return text === undefined ? "" : fingerprint(text.replace(/\s+/g, " ").trim());
}

function itemDigest(item: V2PathItem, work: Work): Record<string, OperationDigest> {
  const found: Record<string, OperationDigest> = {};
  for (const method of methods) {
    const operation = item[method];
    if (operation) found[method] = operationDigest(operation, item, work);
  }
  return found;
}

function operationDigest(operation: V2Operation, item: V2PathItem, work: Work): OperationDigest {
  const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((parameter) =>
    resolve(parameter, work.document),
  );
  const body = parameters.find((parameter) => parameter.in === "body");
  const kind = operation["x-kubernetes-group-version-kind"];
  const responses = Object.entries(operation.responses).map(
    ([code, { schema }]) => `${code}=${typeText(schema, work.names)}`,
  );
  return {
    id: operation.operationId,
    ...(operation.description !== undefined && { text: textDigest(operation.description) }),
    tags: operation.tags.join(),
    ...(operation["x-kubernetes-action"] !== undefined && { action: operation["x-kubernetes-action"] }),
    ...(kind && { kind: `${kind.group}/${kind.version}/${kind.kind}` }),
    parameters: setIndex(parameters.filter((parameter) => parameter.in !== "body").map(parameterText), work),
    ...(body && { body: `${typeText(body.schema, work.names)}${body.required === true ? "!" : ""}` }),
    consumes: setIndex(operation.consumes ?? [], work),
    produces: setIndex(operation.produces ?? [], work),
    responses: setIndex(responses, work),
  };
}

function resolve(parameter: V2Parameter | V2Reference, document: OpenApiV2): V2Parameter {
  if (!("$ref" in parameter)) return parameter;
  const found = document.parameters[parameter.$ref.slice("#/parameters/".length)];
  if (found === undefined) throw new Error(`no parameter ${parameter.$ref}`);
  return found;
}

function parameterText({ in: place, name, type, required, uniqueItems, description }: V2Parameter): string {
  return `${place} ${name}:${type}${required === true ? "!" : ""}${uniqueItems === true ? "" : " repeated"} ${textDigest(description)}`;
}

function definitionDigest(schema: OpenApiSchema): DefinitionDigest {
  const fields = Object.entries(schema.properties ?? {}).sort(([a], [b]) => compare(a, b));
  const extensions = extensionText(schema);
  return {
    type: typeText(schema, new Set()),
    ...(schema.description !== undefined && { text: textDigest(schema.description) }),
    ...(extensions !== "" && { extensions }),
    ...(schema.required && { required: schema.required.toSorted(compare) }),
    ...(fields.length > 0 && { fields: Object.fromEntries(fields.map(([name, field]) => [name, fieldDigest(field)])) }),
  };
}

function fieldDigest(field: OpenApiSchema): readonly [string, string, string?] {
  const text = textDigest(field.description);
  const extensions = extensionText(field);
  return extensions === "" ? [typeText(field, new Set()), text] : [typeText(field, new Set()), text, extensions];
}

function typeText(schema: OpenApiSchema | undefined, names: Set<string>): string {
  if (schema === undefined) return "";
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(v2Prefix.length);
    names.add(name);
    return `#${name}`;
  }
  if (schema.type === "array") return `[]${typeText(schema.items, names)}`;
  if (typeof schema.additionalProperties === "object") return `{}${typeText(schema.additionalProperties, names)}`;
  return [schema.type ?? "any", schema.format].filter((part) => part !== undefined).join(":");
}

/** Extensions with their keys in order, as one text; lists of kinds are sets. */
function extensionText(schema: OpenApiSchema): string {
  const found = Object.entries(schema)
    .filter(([name]) => name.startsWith("x-"))
    .sort(([a], [b]) => compare(a, b));
  return found
    .map(
      ([name, value]) =>
        `${name}=${canonical(name.endsWith("-kind") && Array.isArray(value) ? value.map(canonical).sort(compare) : value)}`,
    )
    .join(" ");
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => compare(a, b))) : part,
  );
}

function collect(schema: OpenApiSchema | undefined, names: Set<string>): void {
  typeText(schema, names);
  for (const field of Object.values(schema?.properties ?? {})) typeText(field, names);
}
