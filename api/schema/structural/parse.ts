import type { JSONSchemaProps } from "../../generated/types/apiextensions-v1.ts";
import { stringifyJson } from "../../machinery/json.ts";
import type { DeepReadonly, Json } from "../../machinery/object.ts";
import { isSchema } from "./schema-props.ts";
import type { ListShape, NumberRules, Structural, ValidationRule, ValueRules } from "./structural.ts";

export type SchemaProps = DeepReadonly<JSONSchemaProps>;

/** Where equal schemas meet. Share one for the versions of a definition; it is garbage once they are parsed. */
export interface SchemaPool {
  readonly numbers: Map<object, number>;
  readonly known: Map<string, object>;
  /** By what was parsed, which must not change meanwhile. */
  readonly parsed: WeakMap<SchemaProps, Structural>;
}

export function createSchemaPool(): SchemaPool {
  return { numbers: new Map(), known: new Map(), parsed: new WeakMap() };
}

/** Expects what `checkSchema` found nothing wrong with; of anything else it takes what it can read. */
export function parseStructural(schema: SchemaProps, pool: SchemaPool = createSchemaPool()): Structural {
  let structural = pool.parsed.get(schema);
  if (structural === undefined) pool.parsed.set(schema, (structural = parse(schema, pool)));
  return structural;
}

function parse(schema: SchemaProps, pool: SchemaPool): Structural {
  const properties = parseProperties(schema.properties, pool);
  const items = isSchema(schema.items) ? parseStructural(schema.items, pool) : undefined;
  const additional = isSchema(schema.additionalProperties)
    ? parseStructural(schema.additionalProperties, pool)
    : booleanOr(undefined, schema.additionalProperties);
  const rules = parseRules(schema["x-kubernetes-validations"], pool);
  const own = {
    type: schema.type ?? "",
    nullable: schema.nullable === true,
    preserveUnknown: schema["x-kubernetes-preserve-unknown-fields"] === true,
    embedded: schema["x-kubernetes-embedded-resource"] === true,
    intOrString: schema["x-kubernetes-int-or-string"] === true,
    properties,
    additional,
    items,
    // Upstream's JSON null is an unset default.
    default: (schema.default as Json | null | undefined) ?? undefined,
    list: parseList(schema, pool),
    mapType: schema["x-kubernetes-map-type"],
    values: parseValues(schema, pool),
    rules,
  };
  return shared(pool, { ...own, holds: holdingsOf(own, pool) });
}

function booleanOr<T>(otherwise: T, value: unknown): boolean | T {
  return typeof value === "boolean" ? value : otherwise;
}

function parseProperties(properties: SchemaProps["properties"], pool: SchemaPool): Structural["properties"] {
  const entries = Object.entries(properties ?? {});
  if (entries.length === 0) return undefined;
  return shared(pool, new Map(entries.map(([name, schema]) => [name, parseStructural(schema, pool)])));
}

function parseList(schema: SchemaProps, pool: SchemaPool): ListShape | undefined {
  const type = schema["x-kubernetes-list-type"];
  if (type === undefined) return undefined;
  return shared(pool, { type, keys: [...(schema["x-kubernetes-list-map-keys"] ?? [])] });
}

function parseRules(rules: SchemaProps["x-kubernetes-validations"], pool: SchemaPool): Structural["rules"] {
  if (rules === undefined || rules.length === 0) return undefined;
  return shared(pool, rules.map(parseRule));
}

function parseRule(given: NonNullable<SchemaProps["x-kubernetes-validations"]>[number]): ValidationRule {
  const { rule, message, messageExpression, reason, fieldPath, optionalOldSelf } = given;
  return defined({ rule: rule ?? "", message, messageExpression, reason, fieldPath, optionalOldSelf });
}

function holdingsOf(own: Omit<Structural, "holds">, pool: SchemaPool): Structural["holds"] {
  let defaults = own.default !== undefined;
  let rules = own.rules !== undefined;
  let uniqueLists = own.list?.type === "set" || own.list?.type === "map";
  let { embedded } = own;
  for (const { holds } of partsOf(own)) {
    defaults ||= holds.defaults;
    rules ||= holds.rules;
    uniqueLists ||= holds.uniqueLists;
    embedded ||= holds.embedded;
  }
  return shared(pool, { defaults, rules, uniqueLists, embedded });
}

function* partsOf({ properties, items, additional }: Omit<Structural, "holds">): Generator<Structural> {
  if (properties !== undefined) yield* properties.values();
  if (items !== undefined) yield items;
  if (typeof additional === "object") yield additional;
}

function parseValues(schema: SchemaProps, pool: SchemaPool): ValueRules | undefined {
  const nested = (parts: readonly SchemaProps[] | undefined): Structural[] | undefined =>
    filled(parts?.map((part) => parseStructural(part, pool)));
  const values: ValueRules = defined({
    format: filled(schema.format),
    enum: filled(schema.enum as readonly Json[] | undefined),
    text: someOf({ least: schema.minLength, most: schema.maxLength, pattern: filled(schema.pattern) }),
    number: parseNumber(schema),
    list: someOf({ least: schema.minItems, most: schema.maxItems }),
    object: someOf({ least: schema.minProperties, most: schema.maxProperties, required: filled(schema.required) }),
    allOf: nested(schema.allOf),
    anyOf: nested(schema.anyOf),
    oneOf: nested(schema.oneOf),
    not: isSchema(schema.not) ? parseStructural(schema.not, pool) : undefined,
  });
  return Object.keys(values).length === 0 ? undefined : shared(pool, values);
}

function parseNumber(schema: SchemaProps): NumberRules | undefined {
  const { minimum, maximum, multipleOf } = schema;
  return someOf({
    minimum,
    exclusiveMinimum: minimum === undefined ? undefined : schema.exclusiveMinimum === true || undefined,
    maximum,
    exclusiveMaximum: maximum === undefined ? undefined : schema.exclusiveMaximum === true || undefined,
    multipleOf,
  });
}

/** Nothing in it says the same as absent. */
function filled<T extends { readonly length: number }>(value: T | undefined): T | undefined {
  return value === undefined || value.length === 0 ? undefined : value;
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Without the members that are undefined. */
function defined<T extends object>(object: T): Defined<T> {
  const made: Partial<T> = {};
  for (const name in object) if (object[name] !== undefined) made[name] = object[name];
  // What is left out is optional in the type.
  return made as unknown as Defined<T>;
}

function someOf<T extends object>(object: T): Defined<T> | undefined {
  for (const name in object) if (object[name] !== undefined) return defined(object);
  return undefined;
}

/** The one object that says this. Its parts are shared already, so their numbers stand for them. */
function shared<T extends object>(pool: SchemaPool, value: T): T {
  const key = keyOf(pool, value);
  const known = pool.known.get(key);
  // Equal keys come of equal shapes only.
  if (known !== undefined) return known as T;
  pool.known.set(key, value);
  pool.numbers.set(value, pool.numbers.size);
  return value;
}

function keyOf(pool: SchemaPool, value: object): string {
  let key = Array.isArray(value) ? "list" : value instanceof Map ? "map" : "";
  const entries: Iterable<[string, unknown]> = value instanceof Map ? value : Object.entries(value);
  for (const [name, part] of entries) if (part !== undefined) key += `${JSON.stringify(name)}:${partKey(pool, part)},`;
  return key;
}

function partKey(pool: SchemaPool, part: unknown): string {
  if (typeof part === "boolean") return part ? "t" : "f";
  if (typeof part !== "object" || part === null) return stringifyJson(part);
  const number = pool.numbers.get(part);
  if (number !== undefined) return `#${number}`;
  // Lists of schemas; the rest is plain JSON.
  return Array.isArray(part) ? `[${part.map((item) => partKey(pool, item)).join(",")}]` : stringifyJson(part);
}
