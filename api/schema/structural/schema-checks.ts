/**
 * What the API allows in a schema beyond its being structural, and its validation rules.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
 */
import type { FieldError } from "../../machinery/field-error.ts";
import { bad, forbidden } from "../../machinery/findings.ts";
import { notOneOf } from "./findings.ts";
import { checkTopology } from "./list-checks.ts";
import type { SchemaPool, SchemaProps } from "./parse.ts";
import { checkRules, checkRuleTexts, type RuleContext } from "./rule-checks.ts";
import { additionalOf, isSchema, isSet, itemsOf } from "./schema-props.ts";

/** What is known of the place of a schema. */
interface Place {
  readonly isRoot: boolean;
  /** In the apiVersion, kind or metadata of an object. */
  readonly insideMeta: boolean;
  /** Defaults are not allowed here, and why; an empty text: for no reason. */
  readonly noDefaults: string | undefined;
  /** The outermost part of the schema whose old and new values cannot be told apart. */
  readonly uncorrelatable: string | undefined;
  /** Absent: rules are read, but not compiled. */
  readonly rules: RuleContext | undefined;
}

export interface SchemaFindings {
  readonly schema: FieldError[];
  readonly rules: FieldError[];
}

export interface SchemaCheck {
  readonly pool: SchemaPool;
  readonly noDefaults: string | undefined;
  /** Absent: rules are read, but not compiled. */
  readonly rules: RuleContext | undefined;
}

export function checkSchemaProps(schema: SchemaProps, path: string, check: SchemaCheck): SchemaFindings {
  const { pool, noDefaults, rules } = check;
  const findings: Walk = { schema: [], rules: [], pool };
  visit(schema, { isRoot: true, insideMeta: false, noDefaults, uncorrelatable: undefined, rules }, path, findings);
  return findings;
}

interface Walk extends SchemaFindings {
  readonly pool: SchemaPool;
}

function visit(schema: SchemaProps, place: Place, path: string, findings: Walk): void {
  const before = findings.schema.length;
  const { rules } = place;
  findings.schema.push(...checkPlace(schema, place, path), ...checkWords(schema, path));
  visitAdditional(schema, { ...place, isRoot: false }, path, findings);
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    visit(property, propertyPlace(schema, place, name), `${path}.properties[${name}]`, findings);
  visitAlternatives(schema, { ...place, isRoot: false, rules: undefined }, path, findings);
  visitItems(schema, { ...place, isRoot: false }, path, findings);
  findings.schema.push(...checkTopology(schema, path), ...checkRuleTexts(schema, path, findings.pool));
  // Rules of a schema that is wrong would be said to be wrong for reasons that nobody understands.
  if (rules !== undefined && findings.schema.length === before)
    findings.rules.push(...checkRules(schema, path, rules, place.uncorrelatable));
}

function visitAdditional(schema: SchemaProps, place: Place, path: string, findings: Walk): void {
  const { additionalProperties, properties } = schema;
  if (additionalProperties === undefined) return;
  if (isSet(properties) && additionalProperties !== true) {
    const detail = "additionalProperties and properties are mutual exclusive";
    findings.schema.push(forbidden(`${path}.additionalProperties`, detail));
  }
  const value = additionalOf(schema);
  if (value === undefined) return;
  const inside: Place = { ...place, rules: place.rules?.additional(schema) };
  const ofMeta: Place = { ...inside, noDefaults: "inside additionalProperties applying to object metadata" };
  visit(value, place.insideMeta ? ofMeta : inside, `${path}.additionalProperties`, findings);
}

function propertyPlace(schema: SchemaProps, place: Place, name: string): Place {
  const inner: Place = { ...place, isRoot: false, rules: place.rules?.property(schema, name) };
  const isResource = place.isRoot || schema["x-kubernetes-embedded-resource"] === true;
  if (!isResource || !["apiVersion", "kind", "metadata"].includes(name)) return inner;
  const noDefaults = place.isRoot ? `in top-level ${name}` : place.noDefaults;
  return { ...inner, insideMeta: true, noDefaults };
}

function visitAlternatives(schema: SchemaProps, place: Place, path: string, findings: Walk): void {
  if (isSchema(schema.not)) visit(schema.not, place, `${path}.not`, findings);
  for (const word of ["allOf", "oneOf", "anyOf"] as const)
    for (const [index, part] of (schema[word] ?? []).entries())
      visit(part, place, `${path}.${word}[${index}]`, findings);
}

/** Only items of list maps are known again: sets know the same item only, and what that was before is no question. */
function visitItems(schema: SchemaProps, place: Place, path: string, findings: Walk): void {
  const items = itemsOf(schema);
  const isMap = schema["x-kubernetes-list-type"] === "map";
  const uncorrelatable = isMap ? place.uncorrelatable : (place.uncorrelatable ?? path);
  if (items !== undefined)
    visit(items, { ...place, uncorrelatable, rules: place.rules?.items(schema) }, `${path}.items`, findings);
}

const types: readonly string[] = ["array", "boolean", "integer", "number", "object", "string"];
/** The last three even if there is nothing in them. */
const unsupported = ["id", "patternProperties", "definitions", "additionalItems", "dependencies", "$ref"] as const;

/** What is wrong here, and would be right elsewhere. */
function checkPlace(schema: SchemaProps, { noDefaults, insideMeta }: Place, path: string): FieldError[] {
  const findings: FieldError[] = [];
  if ((schema.default ?? null) !== null && noDefaults !== undefined)
    findings.push(forbidden(`${path}.default`, `must not be set ${noDefaults}`.trim()));
  if (insideMeta && schema["x-kubernetes-embedded-resource"] === true)
    findings.push(forbidden(`${path}.x-kubernetes-embedded-resource`, "must not be used inside of resource meta"));
  return findings;
}

function checkWords(schema: SchemaProps, path: string): FieldError[] {
  const findings = checkTypeName(schema.type ?? "", `${path}.type`);
  for (const [index, word] of unsupported.entries())
    if (index < 3 ? isSet(schema[word]) : schema[word] !== undefined)
      findings.push(forbidden(`${path}.${word}`, `${word} is not supported`));
  if (Array.isArray(schema.items) && schema.items.length > 0)
    findings.push(forbidden(`${path}.items`, "items must be a schema object and not an array"));
  if (schema.uniqueItems === true) {
    const detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
    findings.push(forbidden(`${path}.uniqueItems`, detail));
  }
  if (schema["x-kubernetes-preserve-unknown-fields"] === false)
    findings.push(bad(`${path}.x-kubernetes-preserve-unknown-fields`, false, "must be true or undefined"));
  return findings;
}

function checkTypeName(type: string, field: string): FieldError[] {
  if (type === "" || types.includes(type)) return [];
  const instead = "type cannot be set to null, use nullable as an alternative";
  return [notOneOf(field, type, types), ...(type === "null" ? [forbidden(field, instead)] : [])];
}
