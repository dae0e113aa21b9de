import { UnwritableError, type Revision } from "../store.ts";
import type { Committed } from "./committed.ts";
import { isDeletion, live } from "./version.ts";

/** A stretch of history to forget: small, since it shares a commit with writers who wait. */
export interface Slice {
  readonly to: Revision;
  readonly forget: readonly Revision[];
}

const sliceRevisions = 256;

/**
 * Physical compaction. Forgetting history before C means: of every key the versions that were replaced at or before C,
 * and deletions before C. With `put a @1, put a @2, delete a @3, put b @4`, compacting to 2 forgets 1;
 * to 3 forgets 2 (the deletion at 3 can still be watched); to 4 forgets 3 as well.
 */
export class Sweeper {
  readonly #committed: Committed;
  #slice: Slice | undefined;
  #waiting: { revision: Revision; resolve: () => void; reject: (why: Error) => void }[] = [];

  constructor(committed: Committed) {
    this.#committed = committed;
  }

  /** The next stretch up to what is compacted and not pinned by a read. It stays the same one until it is done. */
  next(): Slice | undefined {
    const { mark, compacted, lowestPin } = this.#committed;
    const target = Math.min(compacted, lowestPin, mark.swept + sliceRevisions);
    if (this.#slice === undefined && target > mark.swept) this.#slice = this.#collect(mark.swept, target);
    return this.#slice;
  }

  /** The slice is gone from the engine: let go of it in memory. To be called before the mark moves on. */
  done({ to }: Slice): void {
    const { history, mark } = this.#committed;
    for (let revision = mark.swept; revision <= to; revision++) {
      const version = history.at(revision);
      if (version === undefined) continue;
      version.older = undefined;
      if (revision < to) this.#committed.bury(version);
    }
    this.#slice = undefined;
    this.#waiting = this.#waiting.filter((waiter) => {
      if (waiter.revision > to) return true;
      waiter.resolve();
      return false;
    });
  }

  /** Resolves once everything before `revision` is forgotten. */
  async swept(revision: Revision): Promise<void> {
    if (this.#committed.mark.swept >= revision) return;
    await new Promise<void>((resolve, reject) => this.#waiting.push({ revision, resolve, reject }));
  }

  /** Those who wait are told; the sweep itself goes on with the next commit that succeeds. */
  failed(why: Error): void {
    for (const waiter of this.#waiting)
      waiter.reject(new UnwritableError(`history was not forgotten: ${why.message}`, { cause: why }));
    this.#waiting = [];
  }

  #collect(from: Revision, to: Revision): Slice {
    const forget: Revision[] = [];
    for (let revision = from; revision <= to; revision++) {
      const version = this.#committed.history.at(revision);
      if (version === undefined) continue;
      // At `from` itself the replaced version went with the slice before, and the chain ends there.
      const replaced = live(version.older);
      if (replaced !== undefined) forget.push(replaced.mod);
      if (revision < to && isDeletion(version)) forget.push(revision);
    }
    return { to, forget };
  }
}
