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

/** Differs from Go's zero value. */
export function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
