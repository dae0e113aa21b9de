import { StoreCorruptError } from "../open-errors.ts";
import type { Revision } from "../store.ts";
import type { Engine, Mark } from "./engine.ts";
import { compareKeys } from "./key-index.ts";
import type { StoredVersion, Version } from "./version.ts";

export interface Loaded {
  readonly mark: Mark;
  /** Sorted by key. */
  readonly newest: readonly Version[];
  /** From `mark.swept` on, one for each revision. */
  readonly history: readonly Version[];
}

/** Rebuilds index and history from the engine's log, and holds them against the mark of the last commit. */
export async function load(engine: Engine): Promise<Loaded> {
  const newest = new Map<string, Version>();
  const all: Version[] = [];
  const mark = await engine.load((versions) => {
    for (const stored of versions) {
      const version = chain(stored, newest.get(stored.key));
      newest.set(stored.key, version);
      all.push(version);
    }
  });
  const history = all.filter((version) => version.mod >= mark.swept);
  requireWhole(mark, all.length, history);
  return { mark, newest: [...newest.values()].sort((left, right) => compareKeys(left.key, right.key)), history };
}

function chain(stored: StoredVersion, older: Version | undefined): Version {
  const { key, mod, create, version, size, expiresAt } = stored;
  return { key, mod, create, version, size, expiresAt, older };
}

/**
 * LevelDB skips a damaged part of its log and goes on behind it, without an error. Such a hole shows here: a revision
 * is missing from history, or the count is not the one that the last commit wrote down.
 */
function requireWhole(mark: Mark, found: number, history: readonly Version[]): void {
  let expected: Revision = Math.max(mark.swept, 1);
  for (const version of history) {
    if (version.mod !== expected) throw new StoreCorruptError(`revision ${expected} is missing`);
    expected++;
  }
  if (expected !== mark.revision + 1)
    throw new StoreCorruptError(`revision ${expected} is missing, the newest one is ${mark.revision}`);
  if (found !== mark.retained)
    throw new StoreCorruptError(`it holds ${found} versions and should hold ${mark.retained}`);
}
