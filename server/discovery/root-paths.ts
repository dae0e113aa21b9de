import { configurationPath, keySetPath } from "../../auth/tokens/key-set-documents.ts";
import { groupVersion, type ServedGroup } from "./groups.ts";
import type { HealthCheck } from "./health.ts";

/** What `GET /` lists: the paths one may go on from. */
export function rootPaths(
  groups: readonly ServedGroup[],
  checks: readonly HealthCheck[],
  hasKeySet: boolean,
): readonly string[] {
  const paths = new Set([
    ...(hasKeySet ? [configurationPath, keySetPath] : []),
    "/api",
    "/apis",
    "/apis/",
    "/metrics",
    "/openapi/v2",
    "/openapi/v3",
    "/openapi/v3/",
    "/version",
  ]);
  for (const { name, versions } of groups) {
    const prefix = name === "" ? "/api" : "/apis";
    if (name !== "") paths.add(`/apis/${name}`);
    for (const { version } of versions) paths.add(`${prefix}/${groupVersion(name, version)}`);
  }
  for (const endpoint of ["healthz", "livez", "readyz"] as const) {
    paths.add(`/${endpoint}`);
    for (const check of checks) if (check.endpoints.includes(endpoint)) paths.add(`/${endpoint}/${check.name}`);
  }
  return [...paths].toSorted();
}
