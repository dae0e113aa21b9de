import { setTimeout } from "node:timers/promises";
import type { Commit, Engine, Mark } from "../../mvcc/engine.ts";
import type { StoredVersion } from "../../mvcc/version.ts";
import { StoreCorruptError } from "../../open-errors.ts";
import { UnwritableError, type Revision } from "../../store.ts";
import { openDatabase, reason, storeError, type Database } from "./open-database.ts";
import { probeDisk } from "./probe.ts";
import {
  decodeMark,
  decodeVersion,
  encodeMark,
  encodeVersion,
  markKey,
  revisionOf,
  seal,
  unseal,
  valueKey,
  versionKey,
  versionsEnd,
} from "./records.ts";

type State =
  | { readonly at: "open"; readonly database: Database }
  /** A write failed. Reads go on with the old database, which takes no write any more. */
  | { readonly at: "failed"; readonly database: Database; readonly why: string }
  /** Between two databases; reads wait. */
  | { readonly at: "reopening"; readonly done: Promise<void>; readonly why: string }
  /** The old database is closed and the new one did not open. */
  | { readonly at: "down"; readonly why: string }
  | { readonly at: "closed" };

const readChunk = 1000;
const iteratorBytes = 1024 * 1024;
const waitingReads = 1000;
const firstDelayMs = 100;
const longestDelayMs = 5000;

export interface LevelEngineOptions {
  readonly folder: string;
  /** Whether commits wait for the disk. */
  readonly durable: boolean;
}

/**
 * Versions and values in LevelDB, each commit one synced batch.
 *
 * After a failed write the log's tail is unknown, and LevelDB would append behind it what recovery then skips. So the
 * first failure ends all writing until the folder was closed and opened again, and until what the failed commit may
 * have left behind is removed.
 */
export class LevelEngine implements Engine {
  readonly #options: LevelEngineOptions;
  readonly #closing = new AbortController();
  #state: State;
  #mark: Mark = { revision: 0, swept: 0, retained: 0 };
  #recovery: Promise<void> | undefined;
  #waiting = 0;

  constructor(database: Database, options: LevelEngineOptions) {
    this.#state = { at: "open", database };
    this.#options = options;
  }

  async load(take: (versions: readonly StoredVersion[]) => void): Promise<Mark> {
    const database = await this.#readable();
    try {
      const iterator = database.iterator({ gte: versionKey(0), lt: versionsEnd, highWaterMarkBytes: iteratorBytes });
      try {
        for (;;) {
          const entries = await iterator.nextv(readChunk);
          if (entries.length === 0) break;
          take(entries.map(([key, value]) => decodeVersion(key, value)));
        }
      } finally {
        await iterator.close();
      }
      const mark = await database.get(markKey);
      if (mark !== undefined) this.#mark = decodeMark(mark);
      return this.#mark;
    } catch (thrown) {
      throw storeError(thrown);
    }
  }

  async commit(commit: Commit): Promise<void> {
    const state = this.#state;
    if (state.at !== "open") throw refusal(state);
    try {
      // Forgetting alone need not be durable: what comes back is forgotten again.
      await toBatch(state.database, commit).write({ sync: this.#options.durable && commit.changes.length > 0 });
    } catch (thrown) {
      const why = reason(thrown);
      this.#state = { at: "failed", database: state.database, why };
      this.#recovery = this.#recover(state.database);
      throw new UnwritableError(`the disk refused a write (${why})`, { cause: thrown });
    }
    this.#mark = commit.mark;
  }

  async values(revisions: readonly Revision[]): Promise<(Buffer | undefined)[]> {
    const found: (Buffer | undefined)[] = [];
    for (let from = 0; from < revisions.length; from += readChunk) {
      const keys = revisions.slice(from, from + readChunk).map(valueKey);
      const database = await this.#readable();
      const sealed = await database.getMany(keys).catch((thrown: unknown) => {
        throw storeError(thrown);
      });
      keys.forEach((key, at) => {
        const value = sealed[at];
        found.push(value === undefined ? undefined : unseal(key, value));
      });
    }
    return found;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#recovery;
    const state = this.#state;
    this.#state = { at: "closed" };
    if (state.at === "open" || state.at === "failed") await state.database.close();
  }

  async #readable(): Promise<Database> {
    while (this.#state.at === "reopening") {
      if (this.#waiting >= waitingReads) throw new UnwritableError("too many reads wait for the store to be reopened");
      this.#waiting++;
      await this.#state.done;
      this.#waiting--;
    }
    if (this.#state.at === "open" || this.#state.at === "failed") return this.#state.database;
    throw refusal(this.#state);
  }

  /** Tries again and again until the disk takes writes. */
  async #recover(failed: Database): Promise<void> {
    let old: Database | undefined = failed;
    for (let delay = firstDelayMs; !this.#closing.signal.aborted; delay = Math.min(delay * 2, longestDelayMs)) {
      await setTimeout(delay, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      if (this.#closing.signal.aborted || !(await this.#diskTakesWrites())) continue;
      await this.#reopen(old);
      if (this.#state.at === "open") return;
      old = undefined;
    }
  }

  async #diskTakesWrites(): Promise<boolean> {
    try {
      await probeDisk(this.#options.folder);
      return true;
    } catch (thrown) {
      const state = this.#state;
      if (state.at === "failed") this.#state = { ...state, why: reason(thrown) };
      return false;
    }
  }

  async #reopen(old: Database | undefined): Promise<void> {
    let done = (): void => undefined;
    this.#state = { at: "reopening", done: new Promise((resolve) => (done = resolve)), why: "it is being reopened" };
    try {
      // Waits for the reads that are on their way.
      await old?.close();
      const database = await openDatabase(this.#options.folder);
      try {
        await this.#undo(database);
      } catch (thrown) {
        await database.close();
        throw thrown;
      }
      this.#state = { at: "open", database };
    } catch (thrown) {
      this.#state = { at: "down", why: reason(thrown) };
    } finally {
      done();
    }
  }

  /** A commit that was reported as failed may have reached the disk all the same: take its writes out again. */
  async #undo(database: Database): Promise<void> {
    const keys = await database.keys({ gte: versionKey(this.#mark.revision + 1), lt: versionsEnd }).all();
    if (keys.length === 0) return;
    const sealed = await database.get(markKey);
    if (sealed === undefined) throw new StoreCorruptError("its mark is missing");
    const found = decodeMark(sealed);
    const batch = database.batch();
    for (const key of keys) batch.del(key).del(valueKey(revisionOf(key)));
    // What it forgot stays forgotten; the core asks for the same again.
    batch.put(
      markKey,
      encodeMark({ revision: this.#mark.revision, swept: found.swept, retained: found.retained - keys.length }),
    );
    await batch.write({ sync: true });
  }
}

/** A chained batch: it costs a third less than a list of operations. */
function toBatch(database: Database, { changes, forget, mark }: Commit): ReturnType<Database["batch"]> {
  const batch = database.batch();
  for (const { version, value } of changes) {
    batch.put(versionKey(version.mod), encodeVersion(version));
    const key = valueKey(version.mod);
    if (value !== undefined) batch.put(key, seal(key, value));
  }
  for (const revision of forget) batch.del(versionKey(revision)).del(valueKey(revision));
  return batch.put(markKey, encodeMark(mark));
}

function refusal(state: Exclude<State, { at: "open" }>): UnwritableError {
  if (state.at === "closed") return new UnwritableError("the store is closed");
  return new UnwritableError(
    `the disk refuses writes (${state.why}); they go on by themselves once it takes them again`,
  );
}
