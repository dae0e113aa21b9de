import { ApiError } from "../../api/machinery/status.ts";
import { configurationPath, type KeySetDocuments, keySetPath } from "../../auth/tokens/key-set-documents.ts";
import type { ApiRequest, ApiResponse } from "../../api/wire.ts";
import { wantsAggregated } from "./aggregated.ts";
import { Documents, type DocumentParts } from "./documents.ts";
import { indentedJsonResponse } from "./entity.ts";
import { health, type HealthCheck } from "./health.ts";
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from "./legacy.ts";
import type { OpenApi } from "./open-api.ts";
import { rootPaths } from "./root-paths.ts";
import type { VersionInfo } from "./version-info.ts";

export interface DiscoveryParts extends DocumentParts {
  readonly version: VersionInfo;
  readonly healthChecks: () => readonly HealthCheck[];
  readonly openApi: OpenApi;
  readonly metrics: () => Promise<ApiResponse>;
  /** `host:port` by which clients reach this server. */
  readonly serverAddress: () => string;
  /** By what others check service account tokens. */
  readonly keySet?: KeySetDocuments | undefined;
}

export interface Discovery {
  /** `path` is the request's without its query. Undefined for a path that is not answered here. */
  answer(request: ApiRequest, path: string): Promise<ApiResponse> | undefined;
}

type Answer = () => Promise<ApiResponse>;

/** What the server says of itself: its groups, resources and schemas, its version, health and metrics. */
export function createDiscovery(parts: DiscoveryParts): Discovery {
  const documents = new Documents(parts);
  return {
    answer(request, path) {
      const segments = path.split("/").slice(1);
      if (segments.length > 1 && segments.at(-1) === "") segments.pop();
      const answer = route(request, segments, documents, parts);
      if (answer === undefined || request.method === "GET" || request.method === "HEAD") return answer?.();
      return Promise.reject(
        new ApiError("MethodNotAllowed", "the server does not allow this method on the requested resource"),
      );
    },
  };
}

function route(
  request: ApiRequest,
  segments: readonly string[],
  documents: Documents,
  parts: DiscoveryParts,
): Answer | undefined {
  const [first = "", ...rest] = segments;
  const alone = (answer: Answer): Answer | undefined => (rest.length === 0 ? answer : undefined);
  switch (first) {
    case "":
    case "index.html":
      return alone(async () =>
        indentedJsonResponse({
          paths: rootPaths(documents.groups(), parts.healthChecks(), parts.keySet !== undefined),
        }),
      );
    case "api":
      return coreGroup(request, rest, documents, parts);
    case "apis":
      return namedGroups(request, rest, documents);
    case "version":
      return alone(async () => indentedJsonResponse(parts.version));
    case "metrics":
      return alone(parts.metrics);
    case "healthz":
    case "livez":
    case "readyz":
      return () => health(first, rest.join("/"), queryOf(request), parts.healthChecks());
    case ".well-known":
    case "openid":
      return openId(`/${segments.join("/")}`, parts.keySet);
    case "openapi":
      return () => parts.openApi.answer(request, rest.join("/"), queryOf(request));
    default:
      return undefined;
  }
}

/** https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery */
function openId(path: string, keySet: KeySetDocuments | undefined): Answer | undefined {
  if (keySet === undefined) return undefined;
  if (path === configurationPath) return async () => openIdResponse("application/json", keySet.configuration());
  return path === keySetPath ? async () => openIdResponse("application/jwk-set+json", keySet.keySet()) : undefined;
}

function openIdResponse(contentType: string, bytes: Uint8Array): ApiResponse {
  const headers = { "content-type": contentType, "cache-control": "public, max-age=3600" };
  return { status: 200, headers, body: { type: "bytes", bytes } };
}

/** `/api` and `/api/{version}` */
function coreGroup(
  request: ApiRequest,
  [version, ...beyond]: readonly string[],
  documents: Documents,
  parts: DiscoveryParts,
): Answer | undefined {
  const core = documents.groups().find(({ name }) => name === "");
  if (core === undefined || beyond.length > 0) return undefined;
  if (version !== undefined) {
    const found = core.versions.find((candidate) => candidate.version === version && candidate.isRemote !== true);
    return found && (() => documents.legacy(request, `api/${version}`, () => apiResourceList(found)));
  }
  if (wantsAggregated(request.headers["accept"])) return () => documents.aggregated(request, "api");
  const address = parts.serverAddress();
  return () => documents.legacy(request, `api at ${address}`, () => apiVersions(core, address));
}

/** `/apis`, `/apis/{group}` and `/apis/{group}/{version}` */
function namedGroups(
  request: ApiRequest,
  [name, version, ...beyond]: readonly string[],
  documents: Documents,
): Answer | undefined {
  const groups = documents.groups().filter((group) => group.name !== "");
  if (name === undefined) {
    if (wantsAggregated(request.headers["accept"])) return () => documents.aggregated(request, "apis");
    return () => documents.legacy(request, "apis", () => apiGroupList(groups));
  }
  const group = groups.find((candidate) => candidate.name === name);
  if (group === undefined || beyond.length > 0) return undefined;
  if (version === undefined) return () => documents.legacy(request, `apis/${name}`, () => apiGroup(group));
  const found = group.versions.find((candidate) => candidate.version === version && candidate.isRemote !== true);
  return found && (() => documents.legacy(request, `apis/${name}/${version}`, () => apiResourceList(found)));
}

function queryOf(request: ApiRequest): URLSearchParams {
  return new URLSearchParams(request.url.split("?", 2)[1] ?? "");
}
