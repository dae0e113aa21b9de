import {
  type ApiOperation,
  type ApiParameter,
  type ApiPath,
  type ApiResult,
  compare,
  type GroupVersionKind,
  resultTexts,
  type SchemaSet,
  splitParameters,
} from "./document.ts";
import { fingerprint } from "./fingerprint.ts";
import { referenced } from "./references.ts";
import { toV2, v2Prefix, type V2Schema } from "./schema-v2.ts";

export interface OpenApiV2 {
  readonly swagger: "2.0";
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, V2PathItem>>;
  readonly definitions: Readonly<Record<string, V2Schema>>;
  readonly parameters: Readonly<Record<string, V2Parameter>>;
  readonly securityDefinitions: Readonly<
    Record<string, { readonly type: string; readonly description: string; readonly name: string; readonly in: string }>
  >;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

export interface V2PathItem extends Partial<Record<ApiOperation["method"], V2Operation>> {
  readonly parameters?: readonly (V2Parameter | V2Reference)[];
}

export interface V2Reference {
  readonly $ref: string;
}

export interface V2Parameter {
  readonly name: string;
  readonly in: "query" | "path" | "body";
  readonly type?: string;
  readonly description?: string;
  readonly required?: boolean;
  readonly uniqueItems?: boolean;
  readonly schema?: V2Schema;
}

export interface V2Operation {
  readonly tags: readonly string[];
  readonly description?: string;
  readonly operationId: string;
  readonly consumes?: readonly string[];
  readonly produces?: readonly string[];
  readonly schemes: readonly string[];
  readonly parameters?: readonly (V2Parameter | V2Reference)[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly schema?: V2Schema }>>;
  readonly "x-kubernetes-action"?: string;
  readonly "x-kubernetes-group-version-kind"?: GroupVersionKind;
}

/**
 * kubectl looks for these two at the operation and does not follow references
 * (cli-runtime's query_param_verifier), so they are never shared.
 */
const neverShared = new Set(["dryRun", "fieldValidation"]);

/** The one v2 document of all paths. */
export function buildV2(paths: readonly ApiPath[], schemas: SchemaSet, version: string): OpenApiV2 {
  const sorted = paths.toSorted((a, b) => compare(a.path, b.path));
  const shared = new SharedParameters();
  const items = sorted.map((path) => [path.path, pathItem(path, shared)]);
  const definitions = Object.entries(referenced(paths, schemas)).map(([name, schema]) => [name, toV2(schema)]);
  return {
    swagger: "2.0",
    info: { title: "Kubernetes", version },
    paths: Object.fromEntries(items),
    definitions: Object.fromEntries(definitions),
    parameters: shared.all(),
    securityDefinitions: {
      BearerToken: { description: "Bearer Token authentication", in: "header", name: "authorization", type: "apiKey" },
    },
    security: [{ BearerToken: [] }],
  };
}

/** Long descriptions are repeated hundreds of times: parameters stand in the document once and are referred to. */
class SharedParameters {
  readonly #names = new Map<string, string>();
  readonly #parameters = new Map<string, V2Parameter>();

  reference(parameter: V2Parameter): V2Parameter | V2Reference {
    if (neverShared.has(parameter.name) || parameter.in === "path") return parameter;
    const text = JSON.stringify(parameter);
    let name = this.#names.get(text);
    if (name === undefined) {
      name = `${parameter.name}-${fingerprint(text)}`;
      this.#names.set(text, name);
      this.#parameters.set(name, parameter);
    }
    return { $ref: `#/parameters/${name}` };
  }

  all(): Readonly<Record<string, V2Parameter>> {
    return Object.fromEntries([...this.#parameters].sort(([a], [b]) => compare(a, b)));
  }
}

function pathItem(path: ApiPath, shared: SharedParameters): V2PathItem {
  const { shared: common, own } = splitParameters(path);
  return {
    ...Object.fromEntries(
      path.operations.map((operation) => [operation.method, operationOf(operation, own(operation), shared)]),
    ),
    ...(common.length > 0 && { parameters: common.map((parameter) => shared.reference(parameterOf(parameter))) }),
  };
}

function operationOf(operation: ApiOperation, own: readonly ApiParameter[], shared: SharedParameters): V2Operation {
  const { id, description, tag, action, kind, body, consumes, produces } = operation;
  const parameters = [
    ...(body ? [bodyOf(body, shared)] : []),
    ...own.map((parameter) => shared.reference(parameterOf(parameter))),
  ];
  return {
    tags: [tag],
    ...(description !== undefined && { description }),
    operationId: id,
    ...(consumes && { consumes }),
    ...(produces && { produces }),
    schemes: ["https"],
    ...(parameters.length > 0 && { parameters }),
    responses: Object.fromEntries(operation.responses.map((result) => [result.code, responseOf(result)])),
    ...(action !== undefined && { "x-kubernetes-action": action }),
    ...(kind && { "x-kubernetes-group-version-kind": kind }),
  };
}

function bodyOf(
  { of, required }: { of: string; required: boolean },
  shared: SharedParameters,
): V2Parameter | V2Reference {
  const body: V2Parameter = {
    in: "body",
    name: "body",
    ...(required && { required: true }),
    schema: { $ref: `${v2Prefix}${of}` },
  };
  return of.endsWith(".DeleteOptions") || of.endsWith(".Patch") ? shared.reference(body) : body;
}

function parameterOf({ in: place, name, type, description }: ApiParameter): V2Parameter {
  return {
    ...(description !== undefined && { description }),
    in: place,
    name,
    ...(place === "path" && { required: true }),
    type,
    uniqueItems: true,
  };
}

function responseOf({ code, of }: ApiResult): { description: string; schema?: V2Schema } {
  const description = resultTexts[code] ?? "";
  if (of === undefined) return { description };
  return { description, schema: of === "string" ? { type: "string" } : { $ref: `${v2Prefix}${of}` } };
}
