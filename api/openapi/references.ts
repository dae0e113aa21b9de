import { type ApiPath, compare, type OpenApiSchema, type SchemaSet } from "./document.ts";

export const schemaPrefix = "#/components/schemas/";

/** The definitions that paths name, and all that these refer to. */
export function referenced(paths: readonly ApiPath[], schemas: SchemaSet): SchemaSet {
  const found = new Map<string, OpenApiSchema>();
  const open = paths.flatMap((path) =>
    path.operations.flatMap((operation) => [operation.body?.of, ...operation.responses.map((result) => result.of)]),
  );
  for (let name = open.pop(); name !== undefined || open.length > 0; name = open.pop()) {
    if (name === undefined || name === "string" || found.has(name)) continue;
    const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    if (schema === undefined) throw new Error(`no definition ${name}`);
    found.set(name, schema);
    open.push(...namesIn(schema));
  }
  return Object.fromEntries([...found].sort(([a], [b]) => compare(a, b)));
}

function* namesIn(schema: OpenApiSchema): Generator<string> {
  if (schema.$ref?.startsWith(schemaPrefix) === true) yield schema.$ref.slice(schemaPrefix.length);
  for (const part of partsOf(schema)) yield* namesIn(part);
}

function partsOf(schema: OpenApiSchema): readonly OpenApiSchema[] {
  return [
    ...Object.values(schema.properties ?? {}),
    ...[schema.items, schema.additionalProperties, schema.not].filter((part) => typeof part === "object"),
    ...(schema.allOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.anyOf ?? []),
  ];
}
