import { KeyIndex } from "./key-index.ts";
import { RevisionLog } from "./revision-log.ts";
import { isDeletion, type Version } from "./version.ts";
import { CompactedError, FutureRevisionError, type Revision, type StoreEvent } from "../store.ts";
import type { Mark } from "./engine.ts";
import type { Loaded } from "./load.ts";

const recentEvents = 1024;
const recentBytes = 8 * 1024 * 1024;

/** What is durable and therefore visible: the index, its history, and the newest events with their bytes. */
export class Committed {
  readonly index: KeyIndex = new KeyIndex();
  readonly history: RevisionLog<Version>;
  /** Spares watchers that keep up a read from the engine, and gives them the very Buffers that were written. */
  readonly recent: RevisionLog<StoreEvent>;
  /** Reads and watches below this are refused. */
  compacted: Revision;
  /** Called when a read no longer holds a revision back from being swept. */
  whenUnpinned: () => void = () => undefined;
  #recentBytes = 0;
  #mark: Mark;
  #pins = new Map<Revision, number>();

  constructor({ mark, newest, history }: Loaded) {
    this.#mark = mark;
    this.compacted = mark.swept;
    this.history = new RevisionLog(Math.max(mark.swept, 1));
    this.recent = new RevisionLog(mark.revision + 1);
    for (const version of history) this.history.push(version);
    this.index.load(newest);
  }

  get revision(): Revision {
    return this.#mark.revision;
  }

  get mark(): Mark {
    return this.#mark;
  }

  /** Throws unless reads at `revision` can be answered. */
  requireReadable(revision: Revision): void {
    if (revision > this.revision) throw new FutureRevisionError(revision, this.revision);
    if (revision < this.compacted) throw new CompactedError(revision, this.compacted);
  }

  append(version: Version, event: StoreEvent): void {
    this.index.set(version);
    this.history.push(version);
    this.recent.push(event);
    this.#recentBytes += eventBytes(event);
    while (this.recent.length > recentEvents || (this.#recentBytes > recentBytes && this.recent.length > 1)) {
      const oldest = this.recent.at(this.recent.first);
      if (oldest !== undefined) this.#recentBytes -= eventBytes(oldest);
      this.recent.forgetBefore(this.recent.first + 1);
    }
  }

  /** Takes the tombstone's key out of the index, unless the key has come back since. */
  bury(version: Version): void {
    if (isDeletion(version) && this.index.get(version.key) === version) this.index.remove(version.key);
  }

  advance(mark: Mark): void {
    this.#mark = mark;
    this.history.forgetBefore(mark.swept);
  }

  /** Until the returned function is called, what a read at `revision` needs is not swept away. */
  pin(revision: Revision): () => void {
    this.#pins.set(revision, (this.#pins.get(revision) ?? 0) + 1);
    return () => {
      const count = this.#pins.get(revision) ?? 0;
      if (count > 1) {
        this.#pins.set(revision, count - 1);
        return;
      }
      this.#pins.delete(revision);
      this.whenUnpinned();
    };
  }

  get lowestPin(): Revision {
    let lowest = Number.MAX_SAFE_INTEGER;
    for (const revision of this.#pins.keys()) lowest = Math.min(lowest, revision);
    return lowest;
  }
}

function eventBytes(event: StoreEvent): number {
  const current = event.type === "put" ? event.current.value.length : 0;
  return current + (event.previous?.value.length ?? 0);
}
