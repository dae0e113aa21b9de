/**
 * How validation rules see a value: the CEL type of a schema, with bounds for the cost estimate.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 */
import type { CelField, CelType } from "../../cel/cel.ts";
import type { Structural } from "./structural.ts";

/** In bytes: a request's body, and JSON texts of some values. */
export const maxRequestSize: number = 3 * 1024 * 1024;
const emptyText = 2;
const durationSize = { least: 3, most: 32 };
const timeSize = { least: 21, most: 32 };
const dateSize = 12;

/** Undefined: expressions cannot see such a value, for nothing is known of it. */
export function celTypeOf(schema: Structural, isResource: boolean): CelType | undefined {
  return describe(schema, isResource, "selfType")?.type;
}

export interface CelShape {
  readonly type: CelType;
  /** Of the shortest JSON text, in bytes. */
  readonly minSize: number;
  /** Of the longest text, where the type itself does not say it. */
  readonly maxBytes?: number;
}

export function describe(schema: Structural, isResource: boolean, name: string): CelShape | undefined {
  if (schema.intOrString) {
    const most = schema.values?.text?.most;
    return {
      type: { type: "dyn" },
      minSize: 1,
      maxBytes: most === undefined ? maxRequestSize - 2 : 4 * positive(most),
    };
  }
  switch (schema.type) {
    case "array":
      return describeList(schema, name);
    case "object":
      return describeObject(schema, isResource, name);
    case "string":
      return describeText(schema);
    case "boolean":
      return { type: { type: "bool" }, minSize: 4 };
    case "number":
      return { type: { type: "double" }, minSize: 1 };
    case "integer":
      return { type: { type: "int" }, minSize: 1 };
    default:
      return undefined;
  }
}

function positive(value: number): number {
  return Math.max(0, Number(value));
}

function describeList({ items, values }: Structural, name: string): CelShape | undefined {
  const item = items && describe(items, items.embedded, `${name}.@idx`);
  if (item === undefined) return undefined;
  const most = values?.list?.most;
  const maxItems = most === undefined ? Math.floor((maxRequestSize - 2) / (item.minSize + 1)) : positive(most);
  return { type: { type: "list", of: item.type, maxItems }, minSize: 2 };
}

function describeObject(schema: Structural, isResource: boolean, name: string): CelShape | undefined {
  const { additional, values } = schema;
  if (typeof additional === "object") {
    const value = describe(additional, additional.embedded, `${name}.@elem`);
    if (value === undefined) return undefined;
    const most = values?.object?.most;
    // Two bytes for quotes, one for the key, a colon, a comma.
    const maxItems = most === undefined ? Math.floor((maxRequestSize - 2) / (value.minSize + 6)) : positive(most);
    return { type: { type: "map", of: value.type, maxItems }, minSize: 2 };
  }
  const properties = isResource ? withMeta(schema) : (schema.properties ?? noProperties);
  return { type: { type: "object", of: objectType(properties, name) }, minSize: objectSize(schema, properties) };
}

type Properties = ReadonlyMap<string, Structural>;
const noProperties: Properties = new Map();

function objectType(properties: Properties, name: string): Extract<CelType, { type: "object" }>["of"] {
  const fields = new Map<string, CelField | undefined>();
  let byEscaped: Map<string, string> | undefined;
  return {
    name,
    field(escaped) {
      if (fields.has(escaped)) return fields.get(escaped);
      byEscaped ??= new Map([...properties.keys()].map((own) => [escapeProperty(own) ?? "", own]));
      const jsonName = byEscaped.get(escaped);
      const schema = jsonName === undefined || escaped === "" ? undefined : properties.get(jsonName);
      const field = schema && fieldOf(jsonName ?? "", schema, `${name}.${escaped}`);
      // Unknown names are asked for once, by an expression that does not compile.
      if (field !== undefined) fields.set(escaped, field);
      return field;
    },
  };
}

function fieldOf(jsonName: string, schema: Structural, name: string): CelField | undefined {
  const shape = describe(schema, schema.embedded, name);
  if (shape === undefined) return undefined;
  return { type: shape.type, jsonName, ...(shape.maxBytes === undefined ? {} : { maxBytes: shape.maxBytes }) };
}

/** Required members are always there, unless a default saves their room in the request. */
function objectSize({ values }: Structural, properties: Properties): number {
  let size = 2;
  for (const name of new Set(values?.object?.required ?? [])) {
    const property = properties.get(name);
    if (property === undefined || property.default !== undefined) continue;
    const shape = describe(property, property.embedded, "");
    if (shape !== undefined) size += Buffer.byteLength(name) + shape.minSize + 4;
  }
  return size;
}

function describeText({ values }: Structural): CelShape {
  const most = values?.text?.most;
  switch (values?.format) {
    case "byte": {
      const maxBytes = most === undefined ? maxRequestSize - 2 : positive(most);
      return { type: { type: "bytes", maxBytes }, minSize: emptyText };
    }
    case "duration":
      return { type: { type: "duration" }, minSize: durationSize.least, maxBytes: durationSize.most };
    case "date":
      return { type: { type: "timestamp" }, minSize: dateSize, maxBytes: dateSize };
    case "date-time":
      return { type: { type: "timestamp" }, minSize: timeSize.least, maxBytes: timeSize.most };
    default:
      return { type: { type: "string", maxBytes: longestText(values) }, minSize: emptyText };
  }
}

/** A code point has up to four bytes. */
function longestText(values: Structural["values"]): number {
  const most = values?.text?.most;
  if (most !== undefined) return 4 * positive(most);
  const choices = values?.enum ?? [];
  if (choices.length === 0) return maxRequestSize - 2;
  return Math.max(...choices.map((one) => (typeof one === "string" ? Buffer.byteLength(one) : 0)));
}

const holdsNothing = { defaults: false, rules: false, uniqueLists: false, embedded: false };

function plain(type: string, properties?: Properties): Structural {
  return {
    type,
    nullable: false,
    preserveUnknown: false,
    embedded: false,
    intOrString: false,
    properties,
    additional: undefined,
    items: undefined,
    default: undefined,
    list: undefined,
    mapType: undefined,
    values: undefined,
    rules: undefined,
    holds: holdsNothing,
  };
}

/** apiVersion, kind and an object's names can be seen, whether a schema speaks of them or not. */
function withMeta({ properties = noProperties }: Structural): Properties {
  const metadata = properties.get("metadata");
  const isText = (schema: Structural | undefined): boolean => schema?.type === "string";
  const isComplete =
    isText(properties.get("kind")) &&
    isText(properties.get("apiVersion")) &&
    metadata?.type === "object" &&
    isText(metadata.properties?.get("name")) &&
    isText(metadata.properties?.get("generateName"));
  if (isComplete) return properties;
  const text = plain("string");
  const names = plain(
    "object",
    new Map([
      ["name", text],
      ["generateName", text],
    ]),
  );
  return new Map([...properties, ["kind", text], ["apiVersion", text], ["metadata", names]]);
}

const reserved: ReadonlySet<string> = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return".split(" "),
);
const escapes: Readonly<Record<string, string>> = {
  __: "__underscores__",
  ".": "__dot__",
  "-": "__dash__",
  "/": "__slash__",
};

/** The name that expressions use; undefined: they have none for it. */
export function escapeProperty(name: string): string | undefined {
  if (!/^[a-zA-Z_.\-/][a-zA-Z0-9_.\-/]*$/.test(name)) return undefined;
  if (reserved.has(name)) return `__${name}__`;
  return name.replaceAll(/__|[.\-/]/g, (part) => escapes[part] ?? part);
}
