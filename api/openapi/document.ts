import type { Json } from "../machinery/object.ts";

/** A schema as OpenAPI v3 documents have it; `toV2` makes v2's of it. */
export interface OpenApiSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly required?: readonly string[];
  readonly items?: OpenApiSchema;
  readonly additionalProperties?: OpenApiSchema | boolean;
  readonly allOf?: readonly OpenApiSchema[];
  readonly oneOf?: readonly OpenApiSchema[];
  readonly anyOf?: readonly OpenApiSchema[];
  readonly not?: OpenApiSchema;
  readonly nullable?: boolean;
  readonly enum?: readonly Json[];
  readonly default?: Json;
  readonly "x-kubernetes-group-version-kind"?: readonly GroupVersionKind[];
  /** Validations of custom resources (`maximum`, `pattern`, …) and further extensions pass through unchanged. */
  readonly [keyword: string]: unknown;
}

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export type SchemaSet = Readonly<Record<string, OpenApiSchema>>;

export type HttpMethod = "get" | "put" | "post" | "delete" | "options" | "head" | "patch";

/** A query or path parameter; bodies stand apart. */
export interface ApiParameter {
  readonly in: "query" | "path";
  readonly name: string;
  readonly type: "string" | "integer" | "boolean";
  readonly description?: string;
}

/** An operation before it is written as v2 or v3. */
export interface ApiOperation {
  readonly method: HttpMethod;
  readonly id: string;
  readonly description?: string;
  readonly tag: string;
  readonly action?: string;
  readonly kind?: GroupVersionKind;
  readonly parameters: readonly ApiParameter[];
  /** `of` names a definition. */
  readonly body?: { readonly of: string; readonly required: boolean };
  readonly consumes?: readonly string[];
  readonly produces?: readonly string[];
  readonly responses: readonly ApiResult[];
}

/** `of`: a definition's name, or "string" for text. */
export interface ApiResult {
  readonly code: number;
  readonly of?: string;
}

export interface ApiPath {
  readonly path: string;
  readonly operations: readonly ApiOperation[];
}

/** What builders cannot know from resource rows: published with the definitions. */
export interface ApiTexts {
  /** Description of a parameter by name; `patch fieldManager` where it differs for patches. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Query parameters of streamed and proxied subresources, by the kind of their options (`PodExecOptions`). */
  readonly options: Readonly<Record<string, readonly ApiParameter[]>>;
}

/** The generated `definitions.json`. */
export interface OpenApiSource {
  readonly schemas: SchemaSet;
  readonly texts: ApiTexts;
}

export const resultTexts: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  202: "Accepted",
  401: "Unauthorized",
};

/** Parameters that all operations of a path share stand at the path. */
export function splitParameters(path: ApiPath): {
  readonly shared: readonly ApiParameter[];
  own(operation: ApiOperation): readonly ApiParameter[];
} {
  const [first, ...others] = path.operations;
  const has = (operation: ApiOperation, wanted: ApiParameter): boolean =>
    operation.parameters.some((parameter) => same(parameter, wanted));
  const shared = (first?.parameters ?? []).filter((parameter) =>
    others.every((operation) => has(operation, parameter)),
  );
  return {
    shared: byName(shared),
    own: (operation) =>
      byName(operation.parameters.filter((parameter) => !shared.some((other) => same(other, parameter)))),
  };
}

function same(a: ApiParameter, b: ApiParameter): boolean {
  return a.name === b.name && a.in === b.in && a.type === b.type && a.description === b.description;
}

function byName(parameters: readonly ApiParameter[]): readonly ApiParameter[] {
  return parameters.toSorted((a, b) => compare(a.name, b.name) || compare(a.in, b.in));
}

/** Order of code units, as Go sorts: documents must not depend on a locale. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
