import {
  compareVersions,
  groupPriority,
  versionPriority,
  type ServedGroup,
  type ServedGroupVersion,
} from "./groups.ts";
import type { Registration } from "./registered.ts";

/** What this server and remote ones serve, in the order that the APIServices ask for. */
export function mergedGroups(
  local: readonly ServedGroup[],
  registrations: readonly Registration[],
): readonly ServedGroup[] {
  if (registrations.length === 0) return local;
  const registered = new Map(registrations.map((one) => [`${one.group}/${one.version}`, one]));
  const registration = ({ group, version }: ServedGroupVersion): Registration | undefined =>
    registered.get(`${group}/${version}`);
  const remote = registrations
    .filter(({ isRemote }) => isRemote)
    .map(({ group, version }): ServedGroupVersion => ({ group, version, resources: [], isRemote: true }));
  const own = local.flatMap(({ versions }) => versions).filter((one) => registration(one)?.isRemote !== true);
  const groups = new Map<string, ServedGroupVersion[]>();
  for (const one of [...own, ...remote]) {
    const versions = groups.get(one.group) ?? [];
    groups.set(one.group, versions);
    versions.push(one);
  }
  const ofVersion = (one: ServedGroupVersion): number =>
    registration(one)?.versionPriority ?? versionPriority(one.group, one.version);
  const ofGroup = (versions: readonly ServedGroupVersion[]): number =>
    Math.max(...versions.map((one) => registration(one)?.groupPriority ?? groupPriority(one.group)));
  return [...groups]
    .map(([name, versions]) => ({
      priority: ofGroup(versions),
      name,
      versions: versions.toSorted((a, b) => ofVersion(b) - ofVersion(a) || compareVersions(a.version, b.version)),
    }))
    .toSorted((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1))
    .map(({ name, versions }) => ({ name, versions }));
}
