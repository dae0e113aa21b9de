import {
  type ApiOperation,
  type ApiParameter,
  type ApiPath,
  type ApiResult,
  compare,
  type OpenApiSchema,
  resultTexts,
  type SchemaSet,
  splitParameters,
} from "./document.ts";
import { referenced, schemaPrefix } from "./references.ts";

export interface OpenApiV3 {
  readonly openapi: "3.0.0";
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, object>>;
  readonly components: { readonly schemas: SchemaSet; readonly securitySchemes: object };
}

/** One document: a group-version's, or that of a group or of a path of the server. */
export function buildV3(paths: readonly ApiPath[], schemas: SchemaSet, version: string): OpenApiV3 {
  const sorted = paths.toSorted((a, b) => compare(a.path, b.path));
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version },
    paths: Object.fromEntries(sorted.map((path) => [path.path, pathItem(path)])),
    components: {
      schemas: ownKinds(referenced(paths, schemas), sorted),
      securitySchemes: {
        BearerToken: {
          type: "apiKey",
          description: "Bearer Token authentication",
          name: "authorization",
          in: "header",
        },
      },
    },
  };
}

/** DeleteOptions and WatchEvent are kinds of every group; a document names v1 and its own group-version. */
function ownKinds(schemas: SchemaSet, paths: readonly ApiPath[]): SchemaSet {
  const own = new Set(paths.flatMap((path) => groupVersionOf(path.path)));
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]): [string, OpenApiSchema] => {
      const kinds = schema["x-kubernetes-group-version-kind"];
      if (kinds === undefined || kinds.length < 2) return [name, schema];
      const kept = kinds.filter(
        ({ group, version }) => (group === "" && version === "v1") || own.has(`${group}/${version}`),
      );
      return [name, { ...schema, "x-kubernetes-group-version-kind": kept }];
    }),
  );
}

function groupVersionOf(path: string): readonly string[] {
  const [, root, group, version] = path.split("/");
  return root === "apis" && group !== undefined && version !== undefined ? [`${group}/${version}`] : [];
}

function pathItem(path: ApiPath): object {
  const { shared, own } = splitParameters(path);
  return {
    ...Object.fromEntries(
      path.operations.map((operation) => [operation.method, operationOf(operation, own(operation))]),
    ),
    ...(shared.length > 0 && { parameters: shared.map(parameterOf) }),
  };
}

function operationOf(operation: ApiOperation, parameters: readonly ApiParameter[]): object {
  const { id, description, tag, action, kind, body, consumes = [], produces = [] } = operation;
  return {
    tags: [tag],
    ...(description !== undefined && { description }),
    operationId: id,
    ...(parameters.length > 0 && { parameters: parameters.map(parameterOf) }),
    ...(body && { requestBody: { content: content(consumes, body.of), ...(body.required && { required: true }) } }),
    responses: Object.fromEntries(operation.responses.map((result) => [result.code, responseOf(result, produces)])),
    ...(action !== undefined && { "x-kubernetes-action": action }),
    ...(kind && { "x-kubernetes-group-version-kind": kind }),
  };
}

function parameterOf({ in: place, name, type, description }: ApiParameter): object {
  return {
    name,
    in: place,
    ...(description !== undefined && { description }),
    ...(place === "path" && { required: true }),
    schema: { type, uniqueItems: true },
  };
}

function responseOf({ code, of }: ApiResult, produces: readonly string[]): object {
  return { description: resultTexts[code], ...(of !== undefined && { content: content(produces, of) }) };
}

function content(mediaTypes: readonly string[], of: string): object {
  const schema = of === "string" ? { type: "string" } : { $ref: `${schemaPrefix}${of}` };
  return Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema }]));
}
