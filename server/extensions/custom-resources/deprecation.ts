import { compareVersions } from "../../discovery/groups.ts";
import type { DefinitionSummary, VersionSummary } from "./definition-summary.ts";

/** What answers in a deprecated version warn of; the default names the best version to go to. */
export function deprecationOf({ spec }: DefinitionSummary, version: VersionSummary): string | undefined {
  if (version.deprecated !== true) return undefined;
  if (version.deprecationWarning !== undefined) return version.deprecationWarning;
  const { group, names } = spec;
  const [better] = spec.versions
    .filter(({ served, deprecated, name }) => served && deprecated !== true && compareVersions(name, version.name) < 0)
    .map(({ name }) => name)
    .toSorted(compareVersions);
  const text = `${group}/${version.name} ${names.kind} is deprecated`;
  return better === undefined ? text : `${text}; use ${group}/${better} ${names.kind}`;
}
