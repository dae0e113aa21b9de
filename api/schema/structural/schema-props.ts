/** Looks at schemas as they were written. */
import type { SchemaProps } from "./parse.ts";

export function isSchema(value: unknown): value is SchemaProps {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The schema of all items; a list of schemas is none. */
export function itemsOf(schema: SchemaProps): SchemaProps | undefined {
  return isSchema(schema.items) ? schema.items : undefined;
}

export function additionalOf(schema: SchemaProps): SchemaProps | undefined {
  return isSchema(schema.additionalProperties) ? schema.additionalProperties : undefined;
}

/**
 * Whether upstream can make its picture of a structural schema of it. If not, whatever says so is told, and nothing of
 * what would be asked of that picture.
 */
export function isReadable(schema: SchemaProps): boolean {
  const hasStrangers =
    isSet(schema.id) ||
    isSet(schema.$schema) ||
    isSet(schema.$ref) ||
    isSet(schema.patternProperties) ||
    isSet(schema.dependencies) ||
    isSet(schema.definitions) ||
    schema.additionalItems !== undefined ||
    schema["x-kubernetes-preserve-unknown-fields"] === false ||
    (Array.isArray(schema.items) && schema.items.length > 0);
  return !hasStrangers && partsOf(schema).every(isReadable);
}

function partsOf(schema: SchemaProps): readonly SchemaProps[] {
  const { not, allOf = [], anyOf = [], oneOf = [], properties = {} } = schema;
  const single = [not, itemsOf(schema), additionalOf(schema)].filter((part) => part !== undefined);
  return [...single, ...allOf, ...anyOf, ...oneOf, ...Object.values(properties)];
}

/** Differs from Go's zero value. */
export function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
