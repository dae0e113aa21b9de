import {
  groupVersion,
  shownVerbs,
  subresourcesOf,
  type ServedGroup,
  type ServedGroupVersion,
  type ServedResource,
} from "./groups.ts";

/** What unaggregated discovery answers: one document for each path. */
export interface LegacyDocument {
  readonly kind: string;
  readonly apiVersion: "v1";
  /** Documents of the core group are older than their own version: JSON leaves the apiVersion out. */
  readonly unversioned: boolean;
  readonly [member: string]: unknown;
}

export function apiVersions(core: ServedGroup, serverAddress: string): LegacyDocument {
  return {
    kind: "APIVersions",
    apiVersion: "v1",
    unversioned: true,
    versions: core.versions.map(({ version }) => version),
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress }],
  };
}

export function apiGroupList(groups: readonly ServedGroup[]): LegacyDocument {
  const members = groups.map(groupMembers);
  return { kind: "APIGroupList", apiVersion: "v1", unversioned: false, groups: members };
}

export function apiGroup(group: ServedGroup): LegacyDocument {
  return { kind: "APIGroup", apiVersion: "v1", unversioned: false, ...groupMembers(group) };
}

function groupMembers({ name, versions }: ServedGroup): object {
  const all = versions.map(({ version }) => ({ groupVersion: groupVersion(name, version), version }));
  return { name, versions: all, preferredVersion: all[0] };
}

export function apiResourceList({ group, version, resources }: ServedGroupVersion): LegacyDocument {
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    unversioned: group === "",
    groupVersion: groupVersion(group, version),
    resources: resources.flatMap(apiResources),
  };
}

/** The resource, then its subresources as `pods/status`. */
function apiResources(resource: ServedResource): readonly object[] {
  const { row } = resource;
  const namespaced = row.scope === "Namespaced";
  const own = {
    name: row.plural,
    singularName: row.singular,
    namespaced,
    kind: row.kind,
    verbs: shownVerbs(row),
    ...(row.shortNames.length === 0 ? {} : { shortNames: row.shortNames }),
    ...(row.categories.length === 0 ? {} : { categories: row.categories }),
    ...(row.storageVersionHash === undefined ? {} : { storageVersionHash: row.storageVersionHash }),
  };
  const subresources = subresourcesOf(resource).map(({ name, responseKind: { group, version, kind }, verbs }) => ({
    name: `${row.plural}/${name}`,
    singularName: "",
    namespaced,
    ...(group === "" ? {} : { group }),
    ...(version === "" ? {} : { version }),
    kind,
    verbs,
  }));
  return [own, ...subresources];
}
