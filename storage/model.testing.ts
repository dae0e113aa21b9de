import {
  CompactedError,
  FutureRevisionError,
  MismatchError,
  type Precondition,
  type Revision,
  type StoreEvent,
} from "./store.ts";

interface Item {
  readonly key: string;
  readonly value: string;
  readonly create: Revision;
  readonly mod: Revision;
  readonly version: number;
}

type Change = { readonly key: string; readonly item: Item | undefined };

/** What is compared: values as text, and no identity of Buffers. */
export interface PlainEvent {
  readonly revision: Revision;
  readonly key: string;
  readonly value: string | undefined;
  readonly previous: string | undefined;
}

/** The store as one list of changes, too simple to be wrong: what every engine is compared with. */
export class Model {
  readonly #changes: Change[] = [];
  #compacted: Revision = 0;

  get revision(): Revision {
    return this.#changes.length;
  }

  get compacted(): Revision {
    return this.#compacted;
  }

  put(key: string, value: string, expect: Precondition): Item {
    const before = this.#require(key, expect, false);
    const mod = this.revision + 1;
    const item = { key, value, create: before?.create ?? mod, mod, version: (before?.version ?? 0) + 1 };
    this.#changes.push({ key, item });
    return item;
  }

  delete(key: string, expect: Precondition): { previous: Item | undefined; revision: Revision } {
    const previous = this.#require(key, expect, true);
    this.#changes.push({ key, item: undefined });
    return { previous, revision: this.revision };
  }

  get(key: string, revision: Revision = this.revision): Item | undefined {
    this.#requireReadable(revision);
    return this.#at(key, revision);
  }

  list(
    prefix: string,
    options: { revision?: Revision; limit?: number; after?: string } = {},
  ): { items: Item[]; remaining: number } {
    const revision = options.revision ?? this.revision;
    this.#requireReadable(revision);
    const keys = [...new Set(this.#changes.slice(0, revision).map((change) => change.key))];
    const items = keys
      .filter(
        (key) =>
          key.startsWith(prefix) &&
          (options.after === undefined || Buffer.compare(Buffer.from(key), Buffer.from(options.after)) > 0),
      )
      .sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
      .map((key) => this.#at(key, revision))
      .filter((item) => item !== undefined);
    const page = items.slice(0, options.limit ?? items.length);
    return { items: page, remaining: items.length - page.length };
  }

  /** All changes from a revision on. The value before the first ones may be gone with compaction. */
  events(prefix: string, from: Revision): PlainEvent[] {
    if (from < this.#compacted) throw new CompactedError(from, this.#compacted);
    return this.changes().filter((event) => event.revision >= from && event.key.startsWith(prefix));
  }

  /** All changes there ever were. */
  changes(): PlainEvent[] {
    return this.#changes.map(({ key, item }, at) => ({
      revision: at + 1,
      key,
      value: item?.value,
      previous: this.#at(key, at)?.value,
    }));
  }

  compact(revision: Revision): void {
    if (revision > this.revision) throw new FutureRevisionError(revision, this.revision);
    this.#compacted = Math.max(this.#compacted, revision);
  }

  #at(key: string, revision: Revision): Item | undefined {
    return this.#changes.slice(0, revision).findLast((change) => change.key === key)?.item;
  }

  #require(key: string, expect: Precondition, deleting: boolean): Item | undefined {
    const before = this.#at(key, this.revision);
    const holds =
      expect === "any"
        ? !deleting || before !== undefined
        : expect === "absent"
          ? before === undefined
          : before?.mod === expect;
    if (!holds) throw new MismatchError(key, before?.mod);
    return before;
  }

  #requireReadable(revision: Revision): void {
    if (revision > this.revision) throw new FutureRevisionError(revision, this.revision);
    if (revision < this.#compacted) throw new CompactedError(revision, this.#compacted);
  }
}

export function plainEvent(event: StoreEvent): PlainEvent {
  const previous = event.previous?.value.toString();
  return event.type === "put"
    ? { revision: event.current.modRevision, key: event.current.key, value: event.current.value.toString(), previous }
    : { revision: event.revision, key: event.key, value: undefined, previous };
}
