/**
 * What is published of a custom resource's schema. Both in the form of v3 documents, which `api/openapi` writes out as
 * either version; what v2 clients would get wrong is left out of theirs.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#publish-validation-schema-in-openapi
 */
import type { GroupVersionKind, OpenApiSchema } from "../../openapi/document.ts";
import { schemaPrefix } from "../../openapi/references.ts";
import type { SchemaProps } from "./parse.ts";
import { isSchema, itemsOf } from "./schema-props.ts";

type OpenApiVersion = "v2" | "v3";

const conventions = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md";
const meta = `${schemaPrefix}io.k8s.apimachinery.pkg.apis.meta.v1.`;
const versionText = `defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: ${conventions}#resources`;
const inferredText = `Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: ${conventions}#types-kinds`;

const apiVersion: OpenApiSchema = { description: `APIVersion ${versionText}`, type: "string" };
const kind: OpenApiSchema = {
  description: `Kind is a string value representing the REST resource this object represents. ${inferredText}`,
  type: "string",
};
const metadata: OpenApiSchema = {
  description: `Standard object's metadata. More info: ${conventions}#metadata`,
  allOf: [{ $ref: `${meta}ObjectMeta` }],
};
const embeddedMeta = {
  apiVersion: { ...apiVersion, description: `apiVersion ${versionText}` },
  kind: {
    ...kind,
    description: `kind is a string value representing the type of this object. ${inferredText}`,
  },
  metadata,
};

/** Of the kind itself. Without a schema all is allowed. */
export function toOpenApi(
  schema: SchemaProps | undefined,
  of: GroupVersionKind,
  version: OpenApiVersion,
): OpenApiSchema {
  const extension = { "x-kubernetes-group-version-kind": [of] };
  if (schema === undefined || (version === "v2" && preserves(schema))) return { type: "object", ...extension };
  const published = publish(schema, version);
  return {
    ...published,
    properties: sorted({ ...published.properties, apiVersion, kind, metadata }),
    ...extension,
  };
}

/** Of its list. `item` is the name of the kind's own definition. */
export function listToOpenApi(of: GroupVersionKind, listKind: string, plural: string, item: string): OpenApiSchema {
  return {
    description: `${listKind} is a list of ${of.kind}`,
    type: "object",
    required: ["items"],
    properties: {
      apiVersion,
      items: {
        description: `List of ${plural}. More info: ${conventions}`,
        type: "array",
        items: { $ref: schemaPrefix + item },
      },
      kind,
      metadata: {
        description: `Standard list metadata. More info: ${conventions}#types-kinds`,
        allOf: [{ $ref: `${meta}ListMeta` }],
      },
    },
    "x-kubernetes-group-version-kind": [{ ...of, kind: listKind }],
  };
}

function preserves(schema: SchemaProps): boolean {
  return schema["x-kubernetes-preserve-unknown-fields"] === true;
}

function publish(schema: SchemaProps, version: OpenApiVersion): OpenApiSchema {
  const {
    externalDocs: _docs,
    example: _example,
    properties,
    items: _items,
    additionalProperties,
    ...words
  } = version === "v2" ? forV2(schema) : unfold(schema);
  const items = itemsOf(schema);
  const isOpen = version === "v2" && (preserves(schema) || schema.nullable === true);
  const published: OpenApiSchema = {
    ...words,
    ...(properties === undefined || isOpen
      ? {}
      : { properties: mapValues(properties, (one) => publish(one, version)) }),
    ...(items === undefined || isOpen ? {} : { items: publish(items, version) }),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties: isSchema(additionalProperties)
            ? publish(additionalProperties, version)
            : additionalProperties === true,
        }),
  } as OpenApiSchema;
  const isEmbedded = schema["x-kubernetes-embedded-resource"] === true && !(version === "v2" && preserves(schema));
  return isEmbedded ? withEmbeddedMeta(published) : published;
}

function withEmbeddedMeta(schema: OpenApiSchema): OpenApiSchema {
  const required = schema.required ?? [];
  return {
    ...schema,
    properties: sorted({ ...schema.properties, ...embeddedMeta }),
    required: [...required, ...["kind", "apiVersion"].filter((name) => !required.includes(name))],
  };
}

/** What v2 has no words for, and what kubectl takes too strictly. */
function forV2(schema: SchemaProps): SchemaProps {
  const { allOf: _all, anyOf: _any, oneOf: _one, not: _not, default: _default, required, ...words } = schema;
  const demanded = required?.filter((name) => schema.properties?.[name]?.nullable !== true) ?? [];
  const kept: SchemaProps = demanded.length === 0 ? words : { ...words, required: demanded };
  if (schema.nullable !== true) return kept;
  const { type: _type, nullable: _nullable, ...untyped } = kept;
  return untyped;
}

const either: readonly SchemaProps[] = [{ type: "integer" }, { type: "string" }];

/** Says of `x-kubernetes-int-or-string` what clients that do not know it understand. */
function unfold(schema: SchemaProps): SchemaProps {
  if (schema["x-kubernetes-int-or-string"] !== true) return schema;
  const { anyOf = [], allOf = [] } = schema;
  const isSaid = isEither(anyOf) || isEither(allOf[0]?.anyOf ?? []);
  if (isSaid) return schema;
  return anyOf.length === 0 ? { ...schema, anyOf: either } : { ...schema, allOf: [{ anyOf: either }, ...allOf] };
}

function isEither(parts: readonly SchemaProps[]): boolean {
  return parts.length === 2 && parts[0]?.type === "integer" && parts[1]?.type === "string";
}

function mapValues<A, B>(object: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
}

function sorted<T>(object: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}
