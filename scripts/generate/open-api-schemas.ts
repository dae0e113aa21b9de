import type { GroupVersionKind, OpenApiSchema, SchemaSet } from "../../api/openapi/document.ts";
import { schemaPrefix } from "../../api/openapi/references.ts";
import type { Definition, DefinitionField, Scalar, Value } from "./definitions.ts";
import type { Facts } from "./facts.ts";

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";
const apiextensions = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1";

const inlineScalars: Partial<Record<Scalar, OpenApiSchema>> = {
  string: { type: "string" },
  boolean: { type: "boolean" },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  number: { type: "number", format: "double" },
  bytes: { type: "string", format: "byte" },
};

/**
 * Scalars that are definitions of their own. client-node has no models of them, but repeats the text of some at fields
 * that refer to them; the other sentences are ours.
 */
const namedScalars: Readonly<Record<string, { readonly text: string } | { readonly textAt: string }>> = {
  [`${meta}.Time`]: { text: "A moment as RFC 3339 text with seconds, such as 2006-01-02T15:04:05Z." },
  [`${meta}.MicroTime`]: { textAt: "io.k8s.api.coordination.v1.LeaseSpec.renewTime" },
  [`${meta}.FieldsV1`]: {
    text: "A set of fields as nested objects: keys are f:<field>, k:<keys of a list item>, v:<value> or i:<index>, and '.' stands for the field itself.",
  },
  [`${meta}.Patch`]: { text: "The body of a PATCH request; its Content-Type says which kind of patch it is." },
  "io.k8s.apimachinery.pkg.api.resource.Quantity": {
    text: "A fixed-point number with an optional decimal (m, k, M, G, …) or binary (Ki, Mi, Gi, …) suffix, such as 500m or 1Gi.",
  },
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": { textAt: "io.k8s.api.core.v1.HTTPGetAction.port" },
  "io.k8s.apimachinery.pkg.runtime.RawExtension": { text: "Any object." },
  [`${apiextensions}.JSON`]: { textAt: `${apiextensions}.JSONSchemaProps.example` },
  [`${apiextensions}.JSONSchemaPropsOrArray`]: { textAt: `${apiextensions}.JSONSchemaProps.items` },
  [`${apiextensions}.JSONSchemaPropsOrBool`]: { textAt: `${apiextensions}.JSONSchemaProps.additionalItems` },
  [`${apiextensions}.JSONSchemaPropsOrStringArray`]: { text: "A schema or a list of texts." },
  [`${apiextensions}.CustomResourceSubresourceStatus`]: {
    text: "An empty object: it turns the status subresource on.",
  },
};

const scalarDefinitions: Partial<Record<Scalar, string>> = {
  time: `${meta}.Time`,
  microTime: `${meta}.MicroTime`,
  fieldsV1: `${meta}.FieldsV1`,
  quantity: "io.k8s.apimachinery.pkg.api.resource.Quantity",
  intOrString: "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
  rawExtension: "io.k8s.apimachinery.pkg.runtime.RawExtension",
  json: `${apiextensions}.JSON`,
};

const unionDefinitions = {
  array: `${apiextensions}.JSONSchemaPropsOrArray`,
  bool: `${apiextensions}.JSONSchemaPropsOrBool`,
  stringArray: `${apiextensions}.JSONSchemaPropsOrStringArray`,
} as const;

/** Descriptions of definitions by name. */
type Texts = ReadonlyMap<string, string | undefined>;

/** The definitions as OpenAPI v3 publishes them (defaults and unions in; v2 is made from these). */
export function openApiSchemas(definitions: readonly Definition[], facts: Facts): SchemaSet {
  const kinds = kindsOf(facts);
  const texts = new Map([
    ...definitions.map((definition) => [definition.name, definition.description] as const),
    ...scalarTexts(definitions),
  ]);
  const schemas = new Map<string, OpenApiSchema>();
  for (const definition of definitions) {
    if (!definition.protobufOnly)
      schemas.set(definition.name, withExtensions(definition.name, structSchema(definition, facts, texts)));
  }
  for (const name of Object.keys(namedScalars)) {
    const description = texts.get(name);
    schemas.set(
      name,
      withExtensions(name, { ...(description !== undefined && { description }), ...facts.openApi.scalars[name]?.v3 }),
    );
  }
  return Object.fromEntries(schemas);

  function withExtensions(name: string, schema: OpenApiSchema): OpenApiSchema {
    const unions = facts.merge.unions[name];
    const own = kinds.get(name);
    return {
      ...schema,
      ...(own && { "x-kubernetes-group-version-kind": own }),
      ...(facts.merge.atomicStructs.includes(name) && { "x-kubernetes-map-type": "atomic" }),
      ...(unions !== undefined && { "x-kubernetes-unions": unions }),
    };
  }
}

function scalarTexts(definitions: readonly Definition[]): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(namedScalars).map(([name, source]): [string, string] => {
      if ("text" in source) return [name, source.text];
      const dot = source.textAt.lastIndexOf(".");
      const definition = definitions.find((candidate) => candidate.name === source.textAt.slice(0, dot));
      const text = definition?.fields.find((field) => field.name === source.textAt.slice(dot + 1))?.description;
      if (text === undefined) throw new Error(`${source.textAt} has no text`);
      return [name, text];
    }),
  );
}

function structSchema(definition: Definition, facts: Facts, texts: Texts): OpenApiSchema {
  const explicit = facts.openApi.v3Defaults.explicit[definition.name];
  const fields = definition.fields.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const required = definition.fields.filter((field) => field.required).map((field) => field.name);
  return {
    ...(definition.description !== undefined && { description: definition.description }),
    type: "object",
    // Types without fields have no list of properties.
    ...(fields.length > 0 && {
      properties: Object.fromEntries(
        fields.map((field) => [field.name, fieldSchema(field, explicit?.[field.name], texts)]),
      ),
    }),
    ...(required.length > 0 && { required }),
  };
}

function fieldSchema(field: DefinitionField, explicitDefault: unknown, texts: Texts): OpenApiSchema {
  const { ps, pk, lt, lk, mt } = field.merge;
  const value = explicitDefault ?? zeroDefault(field);
  const schema = valueSchema(field.value, field.enum);
  // client-node drops what stands beside a reference: the text of what the field refers to is better than none.
  const description =
    field.description ?? (schema.$ref === undefined ? undefined : texts.get(schema.$ref.slice(schemaPrefix.length)));
  const siblings = {
    ...(description !== undefined && { description: describe(field, description) }),
    ...(value !== undefined && { default: value }),
    ...(ps !== undefined && { "x-kubernetes-patch-strategy": ps }),
    ...(pk !== undefined && { "x-kubernetes-patch-merge-key": pk }),
    ...(lt && { "x-kubernetes-list-type": lt }),
    ...(lk && { "x-kubernetes-list-map-keys": lk }),
    ...(mt && { "x-kubernetes-map-type": mt }),
  };
  return beside(schema, siblings);
}

/** In v3 a reference stands alone: siblings go beside an `allOf`. */
function beside(schema: OpenApiSchema, siblings: object): OpenApiSchema {
  if (schema.$ref === undefined || Object.keys(siblings).length === 0) return { ...siblings, ...schema };
  return { ...siblings, allOf: [schema] };
}

/** Upstream's text lists the values below the description. */
function describe(field: DefinitionField, description: string): string {
  if (field.enum === undefined) return description;
  return `${description}\n\nPossible enum values:\n${field.enum.map((value) => ` - \`${JSON.stringify(value)}\``).join("\n")}`;
}

function valueSchema(value: Value, allowed: readonly string[] | undefined): OpenApiSchema {
  switch (value.type) {
    case "list":
      return { type: "array", items: itemSchema(value.of, allowed) };
    case "map":
      return { type: "object", additionalProperties: itemSchema(value.of, undefined) };
    case "struct":
      return { $ref: `${schemaPrefix}${value.name}` };
    case "schemaOr":
      return { $ref: `${schemaPrefix}${unionDefinitions[value.other]}` };
    case "scalar": {
      const inline = inlineScalars[value.name];
      if (inline !== undefined) return { ...inline, ...(allowed && { enum: [...allowed] }) };
      return { $ref: `${schemaPrefix}${scalarDefinitions[value.name]}` };
    }
  }
}

/** Items and map values are Go values, never pointers: they have the zero value as their default. */
function itemSchema(value: Value, allowed: readonly string[] | undefined): OpenApiSchema {
  const zero = zeroOf(value);
  return beside(valueSchema(value, allowed), zero === undefined ? {} : { default: zero });
}

function zeroDefault(field: DefinitionField): unknown {
  if (field.pointer) return undefined;
  if (field.value.type === "scalar" && (field.omitEmpty || field.omitZero)) return undefined;
  return zeroOf(field.value);
}

function zeroOf(value: Value): unknown {
  if (value.type === "struct")
    return value.name === `${apiextensions}.CustomResourceSubresourceStatus` ? undefined : {};
  if (value.type !== "scalar") return undefined;
  switch (value.name) {
    case "string":
      return "";
    case "boolean":
      return false;
    case "int32":
    case "int64":
    case "number":
      return 0;
    default:
      return undefined;
  }
}

/** Kinds by definition: resources and their lists, and what is exchanged in every group. */
function kindsOf(facts: Facts): ReadonlyMap<string, readonly GroupVersionKind[]> {
  const kinds = new Map<string, readonly GroupVersionKind[]>();
  for (const { group, version, kind, listKind, definition } of facts.resources.resources) {
    if (definition === undefined) continue;
    kinds.set(definition, [{ group, version, kind }]);
    if (listKind !== undefined) kinds.set(`${definition}List`, [{ group, version, kind: listKind }]);
  }
  for (const [name, found] of Object.entries(facts.openApi.gvk.others)) {
    kinds.set(
      name,
      found.map(([group, version, kind]) => ({ group, version, kind })),
    );
  }
  for (const kind of ["DeleteOptions", "WatchEvent"]) {
    kinds.set(
      `${meta}.${kind}`,
      facts.openApi.gvk["DeleteOptions,WatchEvent"].map((groupVersion) => {
        const [version = "", group = ""] = groupVersion.split("/").reverse();
        return { group, version, kind };
      }),
    );
  }
  return kinds;
}
