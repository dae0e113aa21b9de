import { acceptClauses } from "../encoding/accept-clauses.ts";
import { subresourcesOf, type ServedGroup, type ServedGroupVersion, type ServedResource } from "./groups.ts";

const aggregatedParameters = [
  ["g", "apidiscovery.k8s.io"],
  ["v", "v2"],
  ["as", "APIGroupDiscoveryList"],
] as const;

/** The reply's type says what the client asked for: without the parameters it is taken for unaggregated discovery. */
export const aggregatedContentType: string = `application/json;${aggregatedParameters.map((pair) => pair.join("=")).join(";")}`;

/** KEP-3352: all groups, versions and resources in one answer. `/api` has the core group, `/apis` the others. */
export function apiGroupDiscoveryList(groups: readonly ServedGroup[]): object {
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name === "" ? {} : { name },
      versions: versions.map(versionDiscovery),
    })),
  };
}

function versionDiscovery({ version, resources }: ServedGroupVersion): object {
  return { version, resources: resources.map(resourceDiscovery), freshness: "Current" };
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
    verbs: row.verbs.toSorted(),
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
