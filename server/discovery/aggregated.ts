import { acceptClauses } from "../encoding/accept-clauses.ts";
import type { RemoteGroupVersion } from "./registered.ts";
import {
  shownVerbs,
  subresourcesOf,
  type ServedGroup,
  type ServedGroupVersion,
  type ServedResource,
} from "./groups.ts";

const aggregatedParameters = [
  ["g", "apidiscovery.k8s.io"],
  ["v", "v2"],
  ["as", "APIGroupDiscoveryList"],
] as const;

/** The reply's type says what the client asked for: without the parameters it is taken for unaggregated discovery. */
export const aggregatedContentType: string = `application/json;${aggregatedParameters.map((pair) => pair.join("=")).join(";")}`;

/** KEP-3352: all groups, versions and resources in one answer. `/api` has the core group, `/apis` the others. */
export function apiGroupDiscoveryList(groups: readonly ServedGroup[], remote: readonly RemoteGroupVersion[]): object {
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name === "" ? {} : { name },
      versions: versions.map((one) => (one.isRemote === true ? remoteDiscovery(one, remote) : versionDiscovery(one))),
    })),
  };
}

function versionDiscovery({ version, resources }: ServedGroupVersion): object {
  return { version, resources: resources.map(resourceDiscovery), freshness: "Current" };
}

/** Stale says that there may be more than is told here. */
function remoteDiscovery({ group, version }: ServedGroupVersion, remote: readonly RemoteGroupVersion[]): object {
  const found = remote.find((one) => one.group === group && one.version === version);
  const { resources = [], freshness = "Stale" } = found ?? {};
  return { version, ...(resources.length === 0 ? {} : { resources }), freshness };
}

function resourceDiscovery(resource: ServedResource): object {
  const { row } = resource;
  const subresources = subresourcesOf(resource).map(({ name, responseKind, verbs }) => ({
    subresource: name,
    responseKind,
    verbs,
  }));
  return {
    resource: row.plural,
    responseKind: { group: "", version: "", kind: row.kind },
    scope: row.scope,
    singularResource: row.singular,
    verbs: shownVerbs(row),
    ...(row.shortNames.length === 0 ? {} : { shortNames: row.shortNames }),
    ...(row.categories.length === 0 ? {} : { categories: row.categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

/**
 * True when the first clause of Accept that discovery can honour asks for the aggregated form. v2beta1 is not served:
 * the gate AggregatedDiscoveryRemoveBetaType is on in 1.36.
 */
export function wantsAggregated(accept: string | undefined): boolean {
  for (const { value, parameters } of acceptClauses(accept ?? "")) {
    if (value !== "application/json" && value !== "application/*" && value !== "*/*") continue;
    if (!parameters.has("as")) return false;
    if (aggregatedParameters.every(([name, wanted]) => parameters.get(name) === wanted)) return true;
  }
  return false;
}
