import { defineResource, type ResourceRow, type ResourceVerb, type Subresource } from "../../api/resource.ts";
import { enabledGroupVersions, groupVersion, type Facts, type ResourceFact } from "./facts.ts";

/** Resource rows with only what documents need, from the facts: the generator cannot import what imports its output. */
export function resourceRows(facts: Facts): readonly ResourceRow[] {
  const enabled = new Set(enabledGroupVersions(facts));
  return facts.resources.resources
    .filter(
      (resource) => resource.definition !== undefined && enabled.has(groupVersion(resource.group, resource.version)),
    )
    .map(rowOf);
}

function rowOf(resource: ResourceFact): ResourceRow {
  const { group, version, kind, plural, namespaced, definition = "", verbs, subresources = [] } = resource;
  return defineResource({
    group,
    version,
    kind,
    plural,
    definition,
    scope: namespaced ? "Namespaced" : "Cluster",
    // The facts use the registry's own words.
    verbs: verbs as readonly ResourceVerb[],
    subresources: subresources.map((subresource) => ({
      name: subresource.name,
      kind: subresource.kind,
      group: subresource.group,
      version: subresource.version,
      verbs: subresource.verbs as Subresource["verbs"],
      ...(subresource.connect === true && { connect: true }),
    })),
  });
}
