import type { ApiOperation, ApiPath, ApiTexts } from "./document.ts";
import { capital, groupName, groupVersionPath, identifierOf, tagOf } from "./names.ts";

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";
const mediaTypes = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];

/** Discovery of a group-version: `/apis/apps/v1/`. */
export function resourceListPath(group: string, version: string): ApiPath {
  return discovery(`${groupVersionPath(group, version)}/`, {
    id: `get${identifierOf(group, version)}APIResources`,
    description: "get available resources",
    tag: tagOf(group, version),
    of: "APIResourceList",
  });
}

/** Discovery of a group: `/apis/apps/`. The core group has none. */
export function groupPath(group: string): ApiPath {
  return discovery(`/apis/${group}/`, {
    id: `get${capital(groupName(group))}APIGroup`,
    description: "get information of a group",
    tag: groupName(group),
    of: "APIGroup",
  });
}

/** What is not about resources; the same on every server. */
export function serverPaths(texts: ApiTexts): readonly ApiPath[] {
  const versions = "get available API versions";
  const logPath = texts.parameters.logpath;
  return [
    discovery("/api/", { id: "getCoreAPIVersions", description: versions, tag: "core", of: "APIVersions" }),
    discovery("/apis/", { id: "getAPIVersions", description: versions, tag: "apis", of: "APIGroupList" }),
    text("/.well-known/openid-configuration/", {
      id: "getServiceAccountIssuerOpenIDConfiguration",
      description: "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'",
      tag: "WellKnown",
      produces: ["application/json"],
    }),
    text("/openid/v1/jwks/", {
      id: "getServiceAccountIssuerOpenIDKeyset",
      description: "get service account issuer OpenID JSON Web Key Set (contains public token verification keys)",
      tag: "openid",
      produces: ["application/jwk-set+json"],
    }),
    only("/logs/", { id: "logFileListHandler", tag: "logs", parameters: [], responses: [{ code: 401 }] }),
    only("/logs/{logpath}", {
      id: "logFileHandler",
      tag: "logs",
      responses: [{ code: 401 }],
      parameters: [
        { in: "path", name: "logpath", type: "string", ...(logPath === undefined ? {} : { description: logPath }) },
      ],
    }),
    only("/version/", {
      id: "getCodeVersion",
      description: "get the version information for this server",
      tag: "version",
      parameters: [],
      consumes: ["application/json"],
      produces: ["application/json"],
      responses: [{ code: 200, of: "io.k8s.apimachinery.pkg.version.Info" }, { code: 401 }],
    }),
  ];
}

function discovery(
  path: string,
  { id, description, tag, of }: { id: string; description: string; tag: string; of: string },
): ApiPath {
  return only(path, {
    id,
    description,
    tag,
    parameters: [],
    consumes: mediaTypes,
    produces: mediaTypes,
    responses: [{ code: 200, of: `${meta}.${of}` }, { code: 401 }],
  });
}

function text(path: string, operation: Omit<ApiOperation, "method" | "parameters" | "responses">): ApiPath {
  return only(path, { ...operation, parameters: [], responses: [{ code: 200, of: "string" }, { code: 401 }] });
}

function only(path: string, operation: Omit<ApiOperation, "method">): ApiPath {
  return { path, operations: [{ method: "get", ...operation }] };
}
