import type { JSONSchemaProps } from "../../../api/generated/types/apiextensions-v1.ts";
import { isObject } from "../../../api/machinery/members.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { OpenApiSchema, OpenApiSource, SchemaSet } from "../../../api/openapi/document.ts";
import { schemaPrefix } from "../../../api/openapi/references.ts";
import type { ResourceRow } from "../../../api/resource.ts";

type Props = DeepReadonly<JSONSchemaProps>;

/** OpenAPI v2 cannot say all that v3 can: see `withoutV3`. */
export type OpenApiVersion = 2 | 3;

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";
const preserves = "x-kubernetes-preserve-unknown-fields";
const conventions = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md";

/** What a version of a custom resource publishes: the definitions of its kind and of the list of it. */
export function customSchemas(
  row: ResourceRow,
  props: Props | undefined,
  source: OpenApiSource,
  openApi: OpenApiVersion,
): SchemaSet {
  const [served] = row.served;
  if (served === undefined) return {};
  const { group, version, definition } = served;
  const typeMeta = typeMetaOf(source);
  const list: OpenApiSchema = {
    description: `${row.listKind} is a list of ${row.kind}`,
    type: "object",
    required: ["items"],
    properties: {
      ...typeMeta,
      items: {
        description: `List of ${row.plural}. More info: ${conventions}`,
        type: "array",
        items: { $ref: `${schemaPrefix}${definition}` },
      },
      metadata: {
        description: `Standard list metadata. More info: ${conventions}#types-kinds`,
        allOf: [{ $ref: `${schemaPrefix}${meta}.ListMeta` }],
      },
    },
    "x-kubernetes-group-version-kind": [{ group, version, kind: row.listKind }],
  };
  return {
    [definition]: {
      ...kindSchema(props, typeMeta, openApi),
      "x-kubernetes-group-version-kind": [{ group, version, kind: row.kind }],
    },
    [`${definition}List`]: list,
  };
}

/** apiVersion and kind, as every built-in kind describes them. */
function typeMetaOf({ schemas }: OpenApiSource): SchemaSet {
  const { apiVersion = { type: "string" }, kind = { type: "string" } } =
    schemas[`${meta}.DeleteOptions`]?.properties ?? {};
  return { apiVersion, kind };
}

function kindSchema(props: Props | undefined, typeMeta: SchemaSet, openApi: OpenApiVersion): OpenApiSchema {
  // kubectl would refuse all that is not named here.
  if (props === undefined || (openApi === 2 && props[preserves] === true)) return { type: "object" };
  const schema = published(props, typeMeta, openApi);
  return { ...schema, properties: { ...schema.properties, ...objectProperties(typeMeta) } };
}

function objectProperties(typeMeta: SchemaSet): SchemaSet {
  return {
    ...typeMeta,
    metadata: {
      description: `Standard object's metadata. More info: ${conventions}#metadata`,
      allOf: [{ $ref: `${schemaPrefix}${meta}.ObjectMeta` }],
    },
  };
}

/** A part of the schema, without what the API says to nobody. */
function published(props: Props, typeMeta: SchemaSet, openApi: OpenApiVersion): OpenApiSchema {
  const { properties, items, additionalProperties, externalDocs: _docs, example: _example, ...rest } = props;
  const below = (part: Props): OpenApiSchema => published(part, typeMeta, openApi);
  const schema: OpenApiSchema = {
    // Its words are OpenAPI's.
    ...(rest as OpenApiSchema),
    ...(properties === undefined ? {} : { properties: mapValues(properties, below) }),
    ...(isObject(items) ? { items: below(items as Props) } : {}),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties: isObject(additionalProperties)
            ? below(additionalProperties as Props)
            : additionalProperties === true,
        }),
  };
  const embedded = props["x-kubernetes-embedded-resource"] === true ? withObject(schema, typeMeta) : schema;
  return openApi === 2 ? withoutV3(schema[preserves] === true ? schema : embedded) : embedded;
}

function withObject(schema: OpenApiSchema, typeMeta: SchemaSet): OpenApiSchema {
  return {
    ...schema,
    properties: { ...schema.properties, ...objectProperties(typeMeta) },
    required: [...new Set([...(schema.required ?? []), "kind", "apiVersion"])],
  };
}

/**
 * Old clients take a stated type or list of members to be all there is: where that is not so nothing is stated.
 * What is left is put into v2's words by `toV2`.
 */
function withoutV3(schema: OpenApiSchema): OpenApiSchema {
  const { oneOf: _one, anyOf: _any, allOf: _all, not: _not, ...rest } = schema;
  if (schema[preserves] !== true && schema["x-kubernetes-int-or-string"] !== true) return rest;
  const {
    type: _type,
    properties: _properties,
    items: _items,
    additionalProperties: _additional,
    required: _required,
    ...open
  } = rest;
  return open;
}

function mapValues(properties: Readonly<Record<string, Props>>, change: (props: Props) => OpenApiSchema): SchemaSet {
  return Object.fromEntries(Object.entries(properties).map(([name, props]) => [name, change(props)]));
}
