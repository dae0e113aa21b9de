import type { KeyValue, Revision } from "../store.ts";

/** One change of one key: everything but its bytes, which lie in the engine under `mod`. */
export interface StoredVersion {
  readonly key: string;
  readonly mod: Revision;
  /** 0 on a deletion. */
  readonly create: Revision;
  /** 1 on creation, +1 on each change, 0 on a deletion. */
  readonly version: number;
  /** How many bytes the value has. */
  readonly size: number;
  /** When the key is to be deleted, in milliseconds since the epoch; 0 means never. */
  readonly expiresAt: number;
}

/**
 * A change in the index, chained to the one before it. A key that was created at 3, changed at 5 and deleted at 9 is
 * `9 (deletion) -> 5 -> 3`; once history before 5 is forgotten, `9 -> 5`.
 */
export interface Version extends StoredVersion {
  older: Version | undefined;
}

export function isDeletion(version: StoredVersion): boolean {
  return version.version === 0;
}

/** What the key was at `revision`; undefined when it was absent. */
export function asOf(newest: Version | undefined, revision: Revision): Version | undefined {
  let version = newest;
  while (version !== undefined && version.mod > revision) version = version.older;
  return live(version);
}

export function live(version: Version | undefined): Version | undefined {
  return version === undefined || isDeletion(version) ? undefined : version;
}

export function toKeyValue(version: StoredVersion, value: Buffer): KeyValue {
  return {
    key: version.key,
    value,
    createRevision: version.create,
    modRevision: version.mod,
    version: version.version,
  };
}
