import { MismatchError, UnwritableError, type Precondition, type Revision, type StoreEvent } from "../store.ts";
import type { QueueLimits } from "../options.ts";
import type { Committed } from "./committed.ts";
import type { Engine, Mark } from "./engine.ts";
import { toEvent, type Reads } from "./reads.ts";
import type { Slice, Sweeper } from "./sweeper.ts";
import { live, toKeyValue, type Version } from "./version.ts";
import type { WatchHub } from "./watch-hub.ts";

export interface WriteRequest {
  readonly key: string;
  /** Undefined deletes. */
  readonly value: Buffer | undefined;
  readonly expect: Precondition;
  /** 0 means never. */
  readonly expiresAt: number;
}

interface Write {
  readonly version: Version;
  readonly value: Buffer | undefined;
  readonly previous: Version | undefined;
  /** Where `previous` is itself still queued, its value. */
  readonly previousValue: Buffer | undefined;
  readonly settled: Promise<StoreEvent>;
  readonly resolve: (event: StoreEvent) => void;
  readonly reject: (why: Error) => void;
}

interface Parts {
  readonly engine: Engine;
  readonly committed: Committed;
  readonly reads: Reads;
  readonly sweeper: Sweeper;
  readonly hub: WatchHub;
  readonly limits: QueueLimits;
  /** Told of each version in the tick in which it becomes visible. */
  readonly onVisible: (version: Version) => void;
}

const batchWrites = 1000;
const batchBytes = 8 * 1024 * 1024;

/**
 * Group commit. A write is checked against committed plus queued state and takes its revision at once; all that arrive
 * while a commit is on its way share the next one. When a commit fails, so does everything behind it, and the revisions
 * are given out again.
 */
export class Committer {
  readonly #parts: Parts;
  /** Waiting for a commit or in one, oldest first. */
  #queue: Write[] = [];
  #queuedBytes = 0;
  /** The newest queued write of each key. */
  readonly #pending = new Map<string, Write>();
  #assigned: Revision;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#assigned = parts.committed.revision;
  }

  async submit(request: WriteRequest): Promise<StoreEvent> {
    if (this.#closed) throw new UnwritableError("the store is closed");
    const { key, value, expect } = request;
    const queued = this.#pending.get(key);
    const newest = queued?.version ?? this.#parts.committed.index.get(key);
    const previous = live(newest);
    if (!holds(expect, previous, value === undefined)) {
      const mismatch = new MismatchError(key, previous?.mod);
      // What is not durable yet must not show, not even by a refusal: if that write fails, so does this one.
      await queued?.settled;
      throw mismatch;
    }
    this.#requireRoom(value?.length ?? 0);
    const write = this.#enqueue(request, newest, queued?.value);
    this.kick();
    return await write.settled;
  }

  /** Starts committing, if there is something to commit. */
  kick(): void {
    if (this.#running !== undefined || (this.#queue.length === 0 && this.#parts.sweeper.next() === undefined)) return;
    this.#running = this.#run().then((failed) => {
      this.#running = undefined;
      // What came between the last look and now. A sweep that failed waits for the next occasion.
      if (!failed || this.#queue.length > 0) this.kick();
    });
  }

  /** Refuses new writes and waits for those that were taken. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#running !== undefined) await this.#running;
  }

  #requireRoom(bytes: number): void {
    const { limits } = this.#parts;
    if (this.#queue.length === 0) return;
    if (this.#queue.length < limits.writes && this.#queuedBytes + bytes <= limits.bytes) return;
    throw new UnwritableError(
      `the write queue is full: ${this.#queue.length} writes of ${this.#queuedBytes} bytes wait for the disk`,
    );
  }

  #enqueue(
    { key, value, expiresAt }: WriteRequest,
    newest: Version | undefined,
    previousValue: Buffer | undefined,
  ): Write {
    const previous = live(newest);
    const mod = ++this.#assigned;
    const version: Version =
      value === undefined
        ? { key, mod, create: 0, version: 0, size: 0, expiresAt: 0, older: newest }
        : {
            key,
            mod,
            create: previous?.create ?? mod,
            version: (previous?.version ?? 0) + 1,
            size: value.length,
            expiresAt,
            older: newest,
          };
    const { promise, resolve, reject } = deferred<StoreEvent>();
    const write: Write = { version, value, previous, previousValue, settled: promise, resolve, reject };
    this.#queue.push(write);
    this.#queuedBytes += version.size;
    this.#pending.set(key, write);
    return write;
  }

  /** Returns whether it ended with a failure. */
  async #run(): Promise<boolean> {
    // Writes of the same tick share the first commit.
    await Promise.resolve();
    for (;;) {
      const batch = this.#nextBatch();
      const slice = this.#parts.sweeper.next();
      if (batch.length === 0 && slice === undefined) return false;
      const failure = await this.#commit(batch, slice);
      if (failure !== undefined) {
        this.#fail(failure);
        return true;
      }
    }
  }

  #nextBatch(): Write[] {
    let bytes = 0;
    let count = 0;
    for (const write of this.#queue) {
      if (count === batchWrites || bytes > batchBytes) break;
      bytes += write.version.size;
      count++;
    }
    return this.#queue.slice(0, count);
  }

  /** Returns why it failed. */
  async #commit(batch: readonly Write[], slice: Slice | undefined): Promise<Error | undefined> {
    const before = this.#parts.committed.mark;
    const forget = slice?.forget ?? [];
    const mark: Mark = {
      revision: batch.at(-1)?.version.mod ?? before.revision,
      swept: slice?.to ?? before.swept,
      retained: before.retained + batch.length - forget.length,
    };
    const [commit, previous] = await Promise.allSettled([
      this.#parts.engine.commit({ changes: batch, forget, mark }),
      this.#previousValues(batch),
    ]);
    if (commit.status === "rejected") return asUnwritable(commit.reason);
    this.#publish(batch, slice, mark, previous);
    return undefined;
  }

  /** Events carry the value before. It is read while the disk is busy with the new one. */
  async #previousValues(batch: readonly Write[]): Promise<Map<Revision, Buffer>> {
    const wanted: Version[] = [];
    const values = new Map<Revision, Buffer>();
    for (const { previous, previousValue } of batch) {
      if (previous === undefined) continue;
      if (previousValue === undefined) wanted.push(previous);
      else values.set(previous.mod, previousValue);
    }
    if (wanted.length === 0) return values;
    for (const item of await this.#parts.reads.values(wanted)) values.set(item.modRevision, item.value);
    return values;
  }

  /** Everything here happens in one tick: reads, subscribers and writers see the batch together. */
  #publish(
    batch: readonly Write[],
    slice: Slice | undefined,
    mark: Mark,
    previous: PromiseSettledResult<Map<Revision, Buffer>>,
  ): void {
    const { committed, sweeper, hub, onVisible } = this.#parts;
    const values = previous.status === "fulfilled" ? previous.value : undefined;
    const events = batch.map((write) => eventOf(write, values));
    batch.forEach((write, at) => {
      const event = events[at];
      if (event !== undefined) committed.append(write.version, event);
      if (this.#pending.get(write.version.key) === write) this.#pending.delete(write.version.key);
      this.#queuedBytes -= write.version.size;
    });
    this.#queue = this.#queue.slice(batch.length);
    if (slice !== undefined) sweeper.done(slice);
    committed.advance(mark);
    for (const write of batch) onVisible(write.version);
    if (batch.length > 0) hub.publish(events, mark.revision);
    batch.forEach((write, at) => {
      const event = events[at];
      // The deletion stands, but the value that it should return cannot be read.
      if (previous.status === "rejected" && write.value === undefined && event?.previous === undefined)
        write.reject(asError(previous.reason));
      else if (event !== undefined) write.resolve(event);
    });
  }

  #fail(why: Error): void {
    const failed = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#pending.clear();
    this.#assigned = this.#parts.committed.revision;
    this.#parts.sweeper.failed(why);
    for (const write of failed) write.reject(why);
  }
}

function eventOf({ version, value, previous }: Write, values: Map<Revision, Buffer> | undefined): StoreEvent {
  const previousValue = previous === undefined ? undefined : values?.get(previous.mod);
  return toEvent(
    version,
    value === undefined ? undefined : toKeyValue(version, value),
    previous === undefined || previousValue === undefined ? undefined : toKeyValue(previous, previousValue),
  );
}

function holds(expect: Precondition, previous: Version | undefined, deleting: boolean): boolean {
  if (expect === "absent") return previous === undefined;
  if (expect === "any") return previous !== undefined || !deleting;
  return previous?.mod === expect;
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (why: Error) => void } {
  let resolve!: (value: T) => void;
  let reject!: (why: Error) => void;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function asUnwritable(thrown: unknown): UnwritableError {
  if (thrown instanceof UnwritableError) return thrown;
  const cause = asError(thrown);
  return new UnwritableError(`the write failed: ${cause.message}`, { cause });
}
