/**
 * Whether a schema is structural: types stand outside of `allOf`, `anyOf`, `oneOf` and `not`, for all that is spoken of.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
import { describeFieldError, type FieldError } from "../../machinery/field-error.ts";
import { bad, forbidden, required } from "../../machinery/findings.ts";
import { getOwn } from "../../machinery/members.ts";
import { createRegularExpressions, type RegularExpressions } from "../../machinery/regular-expression.ts";
import { checkComplete } from "./complete-checks.ts";
import type { SchemaProps } from "./parse.ts";
import { isSchema, isSet, itemsOf } from "./schema-props.ts";
import { checkValueRules, type Report } from "./value-rule-checks.ts";

type Level = "root" | "item" | "field";

/** Sorted by what they say. Also the findings of the condition NonStructuralSchema. */
export function structuralViolations(
  schema: SchemaProps,
  path: string,
  patterns: RegularExpressions = createRegularExpressions(),
): FieldError[] {
  const findings: FieldError[] = [];
  checkInvariants(schema, "root", path, { findings, patterns });
  checkComplete(schema, path, findings);
  const text = (one: FieldError): string => `${one.field}: ${describeFieldError(one)}`;
  return findings
    .map((one) => [text(one), one] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, one]) => one);
}

function checkInvariants(schema: SchemaProps, level: Level, path: string, report: Report): void {
  const { findings } = report;
  const items = itemsOf(schema);
  if (schema.type === "array" && items === undefined) findings.push(required(`${path}.items`, "must be specified"));
  if (items !== undefined) checkInvariants(items, "item", `${path}.items`, report);
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    checkInvariants(property, "field", `${path}.properties[${name}]`, report);
  checkAdditional(schema, level, path, report);
  checkExtensions(schema, path, findings);
  checkValueRules(schema, path, report);
  checkOwnType(schema, level, path, findings);
  checkResource(schema, level, path, findings);
}

function checkAdditional(schema: SchemaProps, level: Level, path: string, report: Report): void {
  const { findings } = report;
  const { additionalProperties } = schema;
  if (additionalProperties === undefined) return;
  const field = `${path}.additionalProperties`;
  if (level === "root") findings.push(forbidden(field, "must not be used at the root"));
  if (isSchema(additionalProperties)) checkInvariants(additionalProperties, "field", field, report);
  if (isEmbedded(schema)) findings.push(forbidden(field, "must not be used if x-kubernetes-embedded-resource is set"));
}

function checkExtensions(schema: SchemaProps, path: string, findings: FieldError[]): void {
  if (schema["x-kubernetes-int-or-string"] !== true) return;
  for (const name of ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] as const) {
    if (schema[name] === true)
      findings.push(bad(`${path}.${name}`, true, "must be false if x-kubernetes-int-or-string is true"));
  }
}

const emptyType: Readonly<Record<Level, string>> = {
  root: "must not be empty at the root",
  item: "must not be empty for specified array items",
  field: "must not be empty for specified object fields",
};

function checkOwnType(schema: SchemaProps, level: Level, path: string, findings: FieldError[]): void {
  const type = schema.type ?? "";
  const field = `${path}.type`;
  const isFree = schema["x-kubernetes-int-or-string"] === true || preservesUnknown(schema);
  if (isEmbedded(schema) && type !== "object") {
    const detail = "must be object if x-kubernetes-embedded-resource is true";
    findings.push(type === "" ? required(field, detail) : bad(field, type, detail));
  } else if (type === "" && !isFree) {
    findings.push(required(field, emptyType[level]));
  }
  if (level === "root" && type !== "" && type !== "object")
    findings.push(bad(field, type, "must be object at the root"));
}

/** What may be said of apiVersion, kind and metadata, which are there anyway. */
function checkResource(schema: SchemaProps, level: Level, path: string, findings: FieldError[]): void {
  const properties = schema.properties ?? {};
  if (level === "root" || isEmbedded(schema)) findings.push(...metaTypes(properties, `${path}.properties`));
  const metadata = getOwn(properties, "metadata");
  if (level === "root" && metadata !== undefined && !isNamesOnly(metadata)) {
    const detail = "must not specify anything other than name and generateName, but metadata is implicitly specified";
    findings.push(forbidden(`${path}.properties[metadata]`, detail));
  }
  if (isEmbedded(schema) && !preservesUnknown(schema) && !isSet(properties)) {
    const detail =
      "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
    findings.push(required(`${path}.properties`, detail));
  }
}

function metaTypes(properties: NonNullable<SchemaProps["properties"]>, path: string): FieldError[] {
  const wanted = { kind: "string", apiVersion: "string", metadata: "object" };
  return Object.entries(wanted).flatMap(([name, type]) => {
    const found = getOwn(properties, name);
    if (found === undefined || found.type === type) return [];
    return [bad(`${path}[${name}].type`, found.type ?? "", `must be ${type}`)];
  });
}

function isNamesOnly(metadata: SchemaProps): boolean {
  const { type: _type, default: _default, example: _example, externalDocs: _docs, ...words } = metadata;
  const { properties = {}, ...others } = words;
  const names = Object.keys(properties).every((name) => name === "name" || name === "generateName");
  return names && !Object.values(others).some(isSet);
}

function isEmbedded(schema: SchemaProps): boolean {
  return schema["x-kubernetes-embedded-resource"] === true;
}

function preservesUnknown(schema: SchemaProps): boolean {
  return schema["x-kubernetes-preserve-unknown-fields"] === true;
}
