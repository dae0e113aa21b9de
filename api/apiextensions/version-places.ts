import { deepEqual } from "../machinery/equal.ts";
import type { DefinitionVersion } from "./definition.ts";

/** A part of the definition, with the path by which messages name it. */
export interface Place<T> {
  readonly path: string;
  readonly value: T;
  /** Those that have this value. */
  readonly versions: readonly DefinitionVersion[];
}

/**
 * What all versions have alike is told once, by the name that it has in upstream's internal type (`spec.validation`);
 * else version by version (`spec.versions[1].schema`).
 */
export function placesOf<T>(
  versions: readonly DefinitionVersion[],
  aspect: (version: DefinitionVersion) => T | undefined,
  names: { readonly shared: string; readonly own: string },
): readonly Place<T>[] {
  const [first] = versions;
  if (first === undefined) return [];
  const value = aspect(first);
  if (versions.every((version) => deepEqual(aspect(version), value)))
    return value === undefined ? [] : [{ path: `spec.${names.shared}`, value, versions }];
  return versions.flatMap((version, index) => {
    const own = aspect(version);
    const path = `spec.versions[${index}].${names.own}`;
    return own === undefined ? [] : [{ path, value: own, versions: [version] }];
  });
}
