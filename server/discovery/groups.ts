import type { ResourceRow, ServedVersion } from "../../api/resource.ts";

/** A resource in one of the group-versions that serve it. */
export interface ServedResource {
  readonly row: ResourceRow;
  readonly served: ServedVersion;
}

export interface ServedGroupVersion {
  readonly group: string;
  readonly version: string;
  /** By plural. */
  readonly resources: readonly ServedResource[];
  /** Another server answers for it and knows its resources. */
  readonly isRemote?: true;
}

export interface ServedGroup {
  readonly name: string;
  /** The preferred one first. */
  readonly versions: readonly ServedGroupVersion[];
}

/** Upstream's APIService.spec.groupPriorityMinimum: clients resolve ambiguous names in this order. */
const priorities: ReadonlyMap<string, number> = new Map([
  ["", 18_000],
  ["apiregistration.k8s.io", 20_000],
  ["apps", 17_800],
  ["events.k8s.io", 17_750],
  ["authentication.k8s.io", 17_700],
  ["authorization.k8s.io", 17_600],
  ["autoscaling", 17_500],
  ["batch", 17_400],
  ["certificates.k8s.io", 17_300],
  ["networking.k8s.io", 17_200],
  ["policy", 17_100],
  ["rbac.authorization.k8s.io", 17_000],
  ["storage.k8s.io", 16_800],
  ["apiextensions.k8s.io", 16_700],
  ["admissionregistration.k8s.io", 16_700],
  ["scheduling.k8s.io", 16_600],
  ["coordination.k8s.io", 16_500],
  ["node.k8s.io", 16_300],
  ["discovery.k8s.io", 16_200],
  ["resource.k8s.io", 16_200],
  ["flowcontrol.apiserver.k8s.io", 16_100],
  ["internal.apiserver.k8s.io", 16_000],
  ["storagemigration.k8s.io", 15_800],
]);
const customPriority = 1000;

/** Upstream's APIService.spec.versionPriority, where it is not the usual one. */
const versionPriorities: ReadonlyMap<string, number> = new Map([
  ["/v1", 1],
  ["autoscaling/v2", 30],
  ["resource.k8s.io/v1", 21],
  ["flowcontrol.apiserver.k8s.io/v1", 21],
]);
export const customVersionPriority = 100;

/** Rows by group and version, in the order in which discovery shows them. */
export function groupsOf(rows: readonly ResourceRow[]): readonly ServedGroup[] {
  const groups = new Map<string, Map<string, ServedResource[]>>();
  for (const row of rows)
    for (const served of row.served) {
      const versions = groups.get(served.group) ?? new Map<string, ServedResource[]>();
      groups.set(served.group, versions);
      const resources = versions.get(served.version) ?? [];
      versions.set(served.version, resources);
      resources.push({ row, served });
    }
  return [...groups]
    .map(([name, versions]) => ({ name, versions: versionsOf(name, versions) }))
    .toSorted((a, b) => groupPriority(b.name) - groupPriority(a.name) || compareText(a.name, b.name));
}

function versionsOf(group: string, versions: ReadonlyMap<string, readonly ServedResource[]>): ServedGroupVersion[] {
  return [...versions]
    .map(([version, resources]) => ({
      group,
      version,
      resources: resources.toSorted((a, b) => compareText(a.row.plural, b.row.plural)),
    }))
    .toSorted((a, b) => compareVersions(a.version, b.version));
}

/** Custom groups share one. */
export function groupPriority(group: string): number {
  return priorities.get(group) ?? customPriority;
}

export function versionPriority(group: string, version: string): number {
  return versionPriorities.get(`${group}/${version}`) ?? (priorities.has(group) ? 15 : customVersionPriority);
}

/**
 * Stable before beta before alpha, newer before older, other names last.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority
 */
export function compareVersions(a: string, b: string): number {
  const left = parseVersion(a);
  const right = parseVersion(b);
  if (left === undefined || right === undefined)
    return left === right ? compareText(a, b) : left === undefined ? 1 : -1;
  return right.stability - left.stability || right.major - left.major || right.minor - left.minor;
}

function parseVersion(text: string): { stability: number; major: number; minor: number } | undefined {
  const parts = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(text);
  if (parts === null) return undefined;
  const stability = parts[2] === undefined ? 2 : parts[2] === "beta" ? 1 : 0;
  return { stability, major: Number(parts[1]), minor: Number(parts[3] ?? "0") };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function groupVersion(group: string, version: string): string {
  return group === "" ? version : `${group}/${version}`;
}

export interface ResponseKind {
  /** Both empty where they are those of the group-version that serves it. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface DiscoveredSubresource {
  readonly name: string;
  readonly responseKind: ResponseKind;
  readonly verbs: readonly string[];
}

export function shownVerbs({ verbs, shownVerbs = verbs }: ResourceRow): readonly string[] {
  return shownVerbs.toSorted();
}

/** Subresources by name. Those of the parent's own kind come in the version that serves it. */
export function subresourcesOf({ row, served }: ServedResource): readonly DiscoveredSubresource[] {
  return row.subresources
    .map((subresource) => {
      const ownKind = subresource.kind === row.kind && subresource.group === row.group;
      const sameVersion = subresource.group === served.group && subresource.version === served.version;
      const elsewhere = ownKind || sameVersion ? { group: "", version: "" } : subresource;
      const responseKind = { group: elsewhere.group, version: elsewhere.version, kind: subresource.kind };
      return { name: subresource.name, responseKind, verbs: subresource.verbs.toSorted() };
    })
    .toSorted((a, b) => compareText(a.name, b.name));
}
