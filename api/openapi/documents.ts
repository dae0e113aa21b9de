import type { ResourceRow } from "../resource.ts";
import { type ApiPath, compare, type OpenApiSource } from "./document.ts";
import { groupPath, resourceListPath, serverPaths } from "./fixed-paths.ts";
import { builtinMediaTypes, customMediaTypes } from "./media-types.ts";
import { documentOf } from "./names.ts";
import { kindIndex, resourcePaths } from "./resource-paths.ts";
import { buildV3, type OpenApiV3 } from "./v3.ts";

/** A group-version as `group/version`; the core group's is `v1`. */
export type GroupVersionName = string;

/** Every path of a server that serves these rows in these group-versions. */
export function apiPaths(
  rows: readonly ResourceRow[],
  source: OpenApiSource,
  isServed: (name: GroupVersionName) => boolean,
): readonly ApiPath[] {
  const context = { texts: source.texts, mediaTypes: builtinMediaTypes, definitionOf: kindIndex(source.schemas) };
  const groupVersions = new Map<string, readonly [group: string, version: string]>();
  const paths: ApiPath[] = [];
  for (const row of rows) {
    for (const served of row.served) {
      const { group, version } = served;
      const name = group === "" ? version : `${group}/${version}`;
      if (!isServed(name)) continue;
      groupVersions.set(name, [group, version]);
      paths.push(...resourcePaths(row, served, context));
    }
  }
  const groups = new Set([...groupVersions.values()].map(([group]) => group).filter((group) => group !== ""));
  return [
    ...serverPaths(source.texts),
    ...[...groups].map(groupPath),
    ...[...groupVersions.values()].map(([group, version]) => resourceListPath(group, version)),
    ...paths,
  ];
}

/** The paths of custom resources. Upstream publishes no discovery paths for their groups. */
export function customPaths(rows: readonly ResourceRow[], source: OpenApiSource): readonly ApiPath[] {
  const context = { texts: source.texts, mediaTypes: customMediaTypes, definitionOf: kindIndex(source.schemas) };
  return rows.flatMap((row) => row.served.flatMap((served) => resourcePaths(row, served, context)));
}

/** v3 documents by their path below /openapi/v3: `apis/apps/v1`, `api/v1`, `apis/apps`, `version`. */
export function v3Documents(
  paths: readonly ApiPath[],
  source: OpenApiSource,
  version: string,
): ReadonlyMap<string, OpenApiV3> {
  const parts = new Map<string, ApiPath[]>();
  for (const path of paths) {
    const name = documentOf(path.path);
    const known = parts.get(name);
    if (known === undefined) parts.set(name, [path]);
    else known.push(path);
  }
  return new Map(
    [...parts].sort(([a], [b]) => compare(a, b)).map(([name, own]) => [name, buildV3(own, source.schemas, version)]),
  );
}
