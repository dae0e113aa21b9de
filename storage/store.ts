/**
 * The store: keys, bytes and one revision counter, after etcd's model. It knows nothing of Kubernetes.
 *
 * Every write takes the next revision. Reads and watches see a write only after it is durable.
 * https://etcd.io/docs/v3.6/learning/api/
 */

/** A positive safe integer; 0 stands for "before the first write". */
export type Revision = number;

export interface KeyValue {
  readonly key: string;
  /** Never changed after it was handed in or out: the same Buffer is shared by the log, watchers and readers. */
  readonly value: Buffer;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
  /** 1 on creation, +1 on each change. */
  readonly version: number;
}

/** What must hold of the key for a write to happen: it is absent, anything, or last changed at this revision. */
export type Precondition = "absent" | "any" | Revision;

export interface Page {
  readonly items: readonly KeyValue[];
  /** The revision that the page was read at. */
  readonly revision: Revision;
  /** How many keys of the range follow after the last item. */
  readonly remaining: number;
}

export interface ListOptions {
  /** Read as of this revision; by default the newest. Throws CompactedError or FutureRevisionError. */
  readonly revision?: Revision;
  /** At most this many items. */
  readonly limit?: number;
  /** Only keys after this one. */
  readonly after?: string;
}

export type StoreEvent =
  | { readonly type: "put"; readonly current: KeyValue; readonly previous: KeyValue | undefined }
  /** `previous` is undefined only where the value before was compacted away. */
  | {
      readonly type: "delete";
      readonly key: string;
      readonly revision: Revision;
      readonly previous: KeyValue | undefined;
    };

/** Whole revisions, in order. */
export interface WatchBatch {
  readonly events: readonly StoreEvent[];
  /** All changes up to and including this revision have been delivered (a batch without events reports progress). */
  readonly revision: Revision;
}

export interface WatchOptions {
  /** The first revision wanted. Throws CompactedError when it is no longer retained. */
  readonly from: Revision;
  /** Ends the iteration without an error. */
  readonly signal: AbortSignal;
}

export interface Store extends AsyncDisposable {
  /** The newest revision, linearizable. */
  revision(): Revision | Promise<Revision>;
  get(key: string, options?: { readonly revision?: Revision }): Promise<KeyValue | undefined>;
  /** Keys that start with `prefix`, in byte order. */
  list(prefix: string, options?: ListOptions): Promise<Page>;
  /** Resolves when durable. `ttlSeconds`: the key is deleted, as an ordinary revision, that long after this write. */
  put(
    key: string,
    value: Buffer,
    options: { readonly expect: Precondition; readonly ttlSeconds?: number },
  ): Promise<KeyValue>;
  /** Resolves to the deleted value and the revision of the deletion. Throws MismatchError when the key is absent. */
  delete(
    key: string,
    options: { readonly expect: Exclude<Precondition, "absent"> },
  ): Promise<{ readonly previous: KeyValue; readonly revision: Revision }>;
  /** Every change below `prefix` from a revision on, exactly once and in order. */
  watch(prefix: string, options: WatchOptions): AsyncIterable<WatchBatch>;
  /**
   * The same, pushed in the very tick in which a batch becomes visible to reads, from the newest revision on:
   * what the server's cache follows, so that a read after a write always sees it. Returns the unsubscriber.
   */
  subscribe(prefix: string, onBatch: (batch: WatchBatch) => void): { readonly revision: Revision; unsubscribe(): void };
  /** Whether a value is stored in another way than it would be now: it should be written again, although it is the same. */
  isStale?(key: string): Promise<boolean>;
  /** Forgets history before `revision`; reads and watches below it throw CompactedError. */
  compact(revision: Revision): Promise<void>;
  /** The oldest revision that reads and watches may still ask for. */
  readonly compacted: Revision;
}

/** The precondition did not hold. `actual` is the key's modRevision, undefined when it is absent. */
export class MismatchError extends Error {
  readonly key: string;
  readonly actual: Revision | undefined;
  constructor(key: string, actual: Revision | undefined) {
    super(
      `${key}: precondition failed, ${actual === undefined ? "the key is absent" : `it was last changed at revision ${actual}`}`,
    );
    this.name = "MismatchError";
    this.key = key;
    this.actual = actual;
  }
}

export class CompactedError extends Error {
  readonly compacted: Revision;
  constructor(asked: Revision, compacted: Revision) {
    super(`revision ${asked} has been compacted; the oldest retained one is ${compacted}`);
    this.name = "CompactedError";
    this.compacted = compacted;
  }
}

export class FutureRevisionError extends Error {
  readonly current: Revision;
  constructor(asked: Revision, current: Revision) {
    super(`revision ${asked} is in the future; the newest one is ${current}`);
    this.name = "FutureRevisionError";
    this.current = current;
  }
}

/** The store cannot take writes now (disk full, closed, broken). Reads may still work. */
export class UnwritableError extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(why, options);
    this.name = "UnwritableError";
  }
}
