import type { OpenApiSchema, SchemaSet } from "./document.ts";
import { schemaPrefix } from "./references.ts";

/** A schema of an OpenAPI v2 document: no unions, no defaults, references may have a description beside them. */
export type V2Schema = OpenApiSchema;

export const v2Prefix = "#/definitions/";

/** What v2 cannot say is left out, so that old clients accept more rather than refuse what is right. */
export function toV2(schema: OpenApiSchema): V2Schema {
  const {
    allOf,
    oneOf,
    anyOf: _any,
    not: _not,
    nullable,
    default: _default,
    $ref,
    properties,
    items,
    additionalProperties,
    ...rest
  } = schema;
  const reference = $ref ?? allOf?.find((part) => part.$ref !== undefined)?.$ref;
  if (reference !== undefined) return { ...rest, $ref: reference.replace(schemaPrefix, v2Prefix) };
  if (nullable === true) {
    // v2 clients would refuse null for any stated type.
    const { type: _type, format: _format, enum: _enum, ...untyped } = rest;
    return untyped;
  }
  return {
    ...rest,
    // Quantity and IntOrString: their text form is the one that v2 names.
    ...(oneOf && rest.type === undefined && { type: "string" }),
    ...(properties && { properties: mapValues(properties, toV2) }),
    ...(items && { items: toV2(items) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === "boolean" ? additionalProperties : toV2(additionalProperties),
    }),
  };
}

function mapValues(schemas: SchemaSet, change: (schema: OpenApiSchema) => OpenApiSchema): SchemaSet {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, change(schema)]));
}
