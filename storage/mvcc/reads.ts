import { StoreCorruptError } from "../open-errors.ts";
import type { KeyValue, ListOptions, Page, Revision, StoreEvent, WatchBatch } from "../store.ts";
import type { Committed } from "./committed.ts";
import type { Engine } from "./engine.ts";
import { asOf, isDeletion, live, toKeyValue, type Version } from "./version.ts";

const listSlice = 1000;
const watchEvents = 256;
const watchBytes = 4 * 1024 * 1024;
const watchRevisions = 10_000;

/** Reads of what is committed, at any retained revision. */
export class Reads {
  readonly #committed: Committed;
  readonly #engine: Engine;

  constructor(committed: Committed, engine: Engine) {
    this.#committed = committed;
    this.#engine = engine;
  }

  async get(key: string, asked: Revision | undefined): Promise<KeyValue | undefined> {
    return await this.#pinned(asked, async (revision) => {
      const version = asOf(this.#committed.index.get(key), revision);
      return version === undefined ? undefined : (await this.values([version]))[0];
    });
  }

  async list(prefix: string, options: ListOptions): Promise<Page> {
    return await this.#pinned(options.revision, async (revision) => {
      const items: KeyValue[] = [];
      const limit = options.limit ?? Number.POSITIVE_INFINITY;
      let after = options.after;
      // In slices, so that a list of everything neither holds the loop nor asks the engine for all at once.
      while (items.length < limit) {
        const size = Math.min(listSlice, limit - items.length);
        const versions = this.#slice({ prefix, after, revision }, size);
        for (const item of await this.values(versions)) items.push(item);
        after = versions.at(-1)?.key ?? after;
        if (versions.length < size) return { items, revision, remaining: 0 };
      }
      return { items, revision, remaining: this.#count({ prefix, after, revision }) };
    });
  }

  /** The next stretch of history: bounded in events, bytes and revisions looked at, and never empty-handed about progress. */
  async events(prefix: string, from: Revision): Promise<WatchBatch> {
    const committed = this.#committed;
    committed.requireReadable(from);
    const versions: Version[] = [];
    const end = Math.min(committed.revision, from + watchRevisions);
    let bytes = 0;
    let revision = from - 1;
    while (revision < end && versions.length < watchEvents && bytes < watchBytes) {
      const version = committed.history.at(++revision);
      if (version === undefined || !version.key.startsWith(prefix)) continue;
      versions.push(version);
      bytes += version.size + (version.older?.size ?? 0);
    }
    // One below: sweeping up to `from` itself would take the value before the first event.
    const unpin = committed.pin(from - 1);
    try {
      return { events: await this.#toEvents(versions), revision };
    } finally {
      unpin();
    }
  }

  /** The values of versions that are known to be retained. */
  async values(versions: readonly Version[]): Promise<KeyValue[]> {
    const found = versions.map((version) => this.#recent(version.mod));
    const missing = versions.filter((_, at) => found[at] === undefined);
    const values = missing.length === 0 ? [] : await this.#engine.values(missing.map((version) => version.mod));
    let next = 0;
    return versions.map((version, at) => {
      const recent = found[at];
      if (recent !== undefined) return recent;
      const value = values[next++];
      if (value?.length !== version.size)
        throw new StoreCorruptError(`the value of ${version.key} at revision ${version.mod} is missing`);
      return toKeyValue(version, value);
    });
  }

  #slice(range: { prefix: string; after: string | undefined; revision: Revision }, size: number): Version[] {
    const versions: Version[] = [];
    if (size === 0) return versions;
    this.#committed.index.walk(range, (version) => versions.push(version) < size);
    return versions;
  }

  #count(range: { prefix: string; after: string | undefined; revision: Revision }): number {
    let count = 0;
    this.#committed.index.walk(range, () => {
      count++;
      return true;
    });
    return count;
  }

  #recent(revision: Revision): KeyValue | undefined {
    const event = this.#committed.recent.at(revision);
    return event?.type === "put" ? event.current : undefined;
  }

  async #toEvents(versions: readonly Version[]): Promise<StoreEvent[]> {
    const planned = versions.map((version) => ({
      version,
      recent: this.#committed.recent.at(version.mod),
      previous: live(version.older),
    }));
    const wanted: Version[] = [];
    for (const { version, recent, previous } of planned) {
      if (recent !== undefined) continue;
      if (!isDeletion(version)) wanted.push(version);
      if (previous !== undefined) wanted.push(previous);
    }
    const read = new Map((await this.values(wanted)).map((item) => [item.modRevision, item]));
    return planned.map(
      ({ version, recent, previous }) =>
        recent ?? toEvent(version, read.get(version.mod), read.get(previous?.mod ?? 0)),
    );
  }

  async #pinned<T>(asked: Revision | undefined, read: (revision: Revision) => Promise<T>): Promise<T> {
    const revision = asked ?? this.#committed.revision;
    this.#committed.requireReadable(revision);
    const unpin = this.#committed.pin(revision);
    try {
      return await read(revision);
    } finally {
      unpin();
    }
  }
}

export function toEvent(version: Version, current: KeyValue | undefined, previous: KeyValue | undefined): StoreEvent {
  if (current === undefined) return { type: "delete", key: version.key, revision: version.mod, previous };
  return { type: "put", current, previous };
}
