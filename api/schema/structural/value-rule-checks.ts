/** What may stand in `allOf`, `anyOf`, `oneOf` and `not`. */
import { deepEqual } from "../../machinery/equal.ts";
import type { FieldError } from "../../machinery/field-error.ts";
import { bad, forbidden } from "../../machinery/findings.ts";
import { RegularExpressionError, type RegularExpressions } from "../../machinery/regular-expression.ts";
import type { SchemaProps } from "./parse.ts";
import { isSet, itemsOf } from "./schema-props.ts";

export interface Report {
  readonly findings: FieldError[];
  readonly patterns: RegularExpressions;
}

/** Of a schema that stands for itself: types may be in two forms of alternatives, which say integer or string. */
export function checkValueRules(schema: SchemaProps, path: string, report: Report): void {
  const [first, ...others] = schema.allOf ?? [];
  if (!isEither(schema.anyOf)) checkParts(schema.anyOf, `${path}.anyOf`, report);
  if (first !== undefined) checkNested(first, `${path}.allOf[0]`, report, isEither(first.anyOf));
  for (const [index, part] of others.entries()) checkNested(part, `${path}.allOf[${index + 1}]`, report);
  checkRest(schema, path, report);
}

function isEither(anyOf: SchemaProps["anyOf"]): boolean {
  return deepEqual(anyOf, [{ type: "integer" }, { type: "string" }]);
}

function checkParts(parts: readonly SchemaProps[] | undefined, path: string, report: Report): void {
  for (const [index, part] of (parts ?? []).entries()) checkNested(part, `${path}[${index}]`, report);
}

function checkRest(schema: SchemaProps, path: string, report: Report): void {
  checkParts(schema.oneOf, `${path}.oneOf`, report);
  if (schema.not !== undefined) checkNested(schema.not, `${path}.not`, report);
  checkPattern(schema.pattern, `${path}.pattern`, report);
}

function checkPattern(pattern: string | undefined, path: string, { findings, patterns }: Report): void {
  if (pattern === undefined || pattern === "") return;
  try {
    patterns.compile(pattern);
  } catch (thrown) {
    if (!(thrown instanceof RegularExpressionError)) throw thrown;
    findings.push(bad(path, pattern, `must be a valid regular expression, but isn't: ${thrown.message}`));
  }
}

/** What has no place in alternatives, in the order of upstream's looks. */
const notNested: readonly (readonly [name: keyof SchemaProps, must: string])[] = [
  ["type", "must be empty"],
  ["additionalProperties", "must be undefined"],
  ["default", "must be undefined"],
  ["title", "must be empty"],
  ["description", "must be empty"],
  ["nullable", "must be false"],
  ["x-kubernetes-preserve-unknown-fields", "must be false"],
  ["x-kubernetes-embedded-resource", "must be false"],
  ["x-kubernetes-int-or-string", "must be false"],
  ["x-kubernetes-list-map-keys", "must be empty"],
  ["x-kubernetes-list-type", "must be undefined"],
  ["x-kubernetes-map-type", "must be undefined"],
  ["x-kubernetes-validations", "must be empty"],
];

/** `saysEither`: its anyOf is one of the two forms. */
function checkNested(schema: SchemaProps, path: string, report: Report, saysEither = false): void {
  if (!saysEither) checkParts(schema.anyOf, `${path}.anyOf`, report);
  checkParts(schema.allOf, `${path}.allOf`, report);
  checkRest(schema, path, report);
  const items = itemsOf(schema);
  if (items !== undefined) checkNested(items, `${path}.items`, report);
  const properties = schema.properties ?? {};
  for (const [name, property] of Object.entries(properties))
    checkNested(property, `${path}.properties[${name}]`, report);
  for (const [name, must] of notNested) {
    const isSetToNothing = name === "additionalProperties" && schema[name] === false;
    const isThere = must === "must be undefined" ? (schema[name] ?? undefined) !== undefined : isSet(schema[name]);
    if (isThere && !isSetToNothing) report.findings.push(forbidden(`${path}.${name}`, `${must} to be structural`));
  }
  if (Object.hasOwn(properties, "metadata"))
    report.findings.push(forbidden(`${path}.properties[metadata]`, "must not be specified in a nested context"));
}
