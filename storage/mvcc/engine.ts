import type { Revision } from "../store.ts";
import type { StoredVersion } from "./version.ts";

export interface Change {
  readonly version: StoredVersion;
  /** Undefined on a deletion. */
  readonly value: Buffer | undefined;
}

/** Where the store stands. Written with every commit and compared with what is found at the next start. */
export interface Mark {
  readonly revision: Revision;
  /** History before this revision is gone from the engine. */
  readonly swept: Revision;
  /** How many versions the engine holds. */
  readonly retained: number;
}

export interface Commit {
  readonly changes: readonly Change[];
  /** Versions to forget with their values. The same ones come again after a commit that failed. */
  readonly forget: readonly Revision[];
  readonly mark: Mark;
}

/**
 * The seam below the store: an ordered log of versions, and a value under each revision. Everything hard (revisions,
 * preconditions, history, watches, compaction, group commit) is above it and written once.
 */
export interface Engine {
  /** Called once, before all else: hands over every version in the order of revisions. */
  load(take: (versions: readonly StoredVersion[]) => void): Promise<Mark>;
  /**
   * All or nothing, and durable when it resolves. After a rejection nothing of it may ever be seen again by a commit
   * that succeeds. There is one at a time.
   */
  commit(commit: Commit): Promise<void>;
  /** In the order asked; undefined where there is none. */
  values(revisions: readonly Revision[]): Promise<(Buffer | undefined)[]>;
  close(): Promise<void>;
}
