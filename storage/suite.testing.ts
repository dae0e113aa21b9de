import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ManualClock } from "./manual-clock.testing.ts";
import { Model, plainEvent, type PlainEvent } from "./model.testing.ts";
import type { StoreOptions } from "./options.ts";
import {
  CompactedError,
  FutureRevisionError,
  MismatchError,
  UnwritableError,
  type Precondition,
  type Revision,
  type Store,
  type StoreEvent,
  type WatchBatch,
} from "./store.ts";

export type OpenStore = (options?: StoreOptions) => Promise<Store>;

const bytes = (text: string): Buffer => Buffer.from(text);
const absent = { expect: "absent" } as const;
const any = { expect: "any" } as const;

/** What every engine must do. */
export function storeSuite(name: string, open: OpenStore): void {
  describe(name, () => {
    writes(open);
    reads(open);
    watches(open);
    subscriptions(open);
    compaction(open);
    timeToLive(open);
    histories(open);
  });
}

function writes(open: OpenStore): void {
  test("each write takes the next revision, and a key remembers its creation", async () => {
    await using store = await open();
    expect(await store.revision()).toBe(0);
    expect(await store.put("/a", bytes("1"), absent)).toEqual({
      key: "/a",
      value: bytes("1"),
      createRevision: 1,
      modRevision: 1,
      version: 1,
    });
    await store.put("/b", bytes("x"), absent);
    expect(await store.put("/a", bytes("2"), { expect: 1 })).toEqual({
      key: "/a",
      value: bytes("2"),
      createRevision: 1,
      modRevision: 3,
      version: 2,
    });
    const deleted = await store.delete("/a", { expect: 3 });
    expect(deleted).toMatchObject({ revision: 4, previous: { modRevision: 3, version: 2 } });
    expect(await store.put("/a", bytes("3"), absent)).toMatchObject({ createRevision: 5, version: 1 });
    expect(await store.revision()).toBe(5);
  });

  test("a write whose precondition fails changes nothing and names the actual revision", async () => {
    await using store = await open();
    await store.put("/a", bytes("1"), absent);
    await expect(store.put("/a", bytes("2"), absent)).rejects.toMatchObject({
      name: "MismatchError",
      key: "/a",
      actual: 1,
    });
    await expect(store.put("/a", bytes("2"), { expect: 7 })).rejects.toMatchObject({ actual: 1 });
    await expect(store.put("/none", bytes("2"), { expect: 1 })).rejects.toMatchObject({ actual: undefined });
    await expect(store.delete("/a", { expect: 2 })).rejects.toBeInstanceOf(MismatchError);
    await expect(store.delete("/none", any)).rejects.toBeInstanceOf(MismatchError);
    expect(await store.revision()).toBe(1);
    expect((await store.get("/a"))?.value).toEqual(bytes("1"));
  });

  test("preconditions see writes that are still queued", async () => {
    await using store = await open();
    const outcomes = await Promise.allSettled([
      store.put("/a", bytes("1"), absent),
      store.put("/a", bytes("2"), absent),
      store.put("/a", bytes("3"), { expect: 1 }),
      store.delete("/a", { expect: 2 }),
      store.put("/a", bytes("4"), { expect: 2 }),
      store.put("/a", bytes("5"), absent),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
    expect(await store.get("/a")).toMatchObject({ createRevision: 4, version: 1, value: bytes("5") });
  });

  test("of many concurrent writers on one revision exactly one wins, round after round", async () => {
    await using store = await open();
    let { modRevision } = await store.put("/a", bytes("start"), absent);
    for (let round = 0; round < 20; round++) {
      const expected = modRevision;
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, at) => store.put("/a", bytes(`${round}/${at}`), { expect: expected })),
      );
      const winners = outcomes.filter((outcome) => outcome.status === "fulfilled");
      expect(winners).toHaveLength(1);
      modRevision = winners[0]?.value.modRevision ?? 0;
    }
    expect(await store.get("/a")).toMatchObject({ version: 21, modRevision: 21 });
  });

  test("concurrent writers get distinct revisions without gaps", async () => {
    await using store = await open();
    const items = await Promise.all(
      Array.from({ length: 2000 }, (_, at) => store.put(`/k/${at}`, bytes(`${at}`), absent)),
    );
    expect(items.map((item) => item.modRevision)).toEqual(Array.from({ length: 2000 }, (_, at) => at + 1));
    expect((await store.list("/k/")).items).toHaveLength(2000);
  });

  test("a full queue refuses at once and takes writes again when it has drained", async () => {
    await using store = await open({ queue: { writes: 3, bytes: 1000 } });
    const taken = Array.from({ length: 3 }, (_, at) => store.put(`/${at}`, bytes("x"), absent));
    await expect(store.put("/more", bytes("x"), absent)).rejects.toThrow(/queue is full/);
    await Promise.all(taken);
    const big = store.put("/big", Buffer.alloc(2000), absent);
    await expect(store.put("/more", bytes("x"), absent)).rejects.toBeInstanceOf(UnwritableError);
    await big;
    expect(await store.put("/more", bytes("x"), absent)).toMatchObject({ modRevision: 5 });
  });

  test("a closed store refuses, after finishing what it took", async () => {
    const store = await open();
    const last = store.put("/a", bytes("1"), absent);
    await store[Symbol.asyncDispose]();
    expect(await last).toMatchObject({ modRevision: 1 });
    await expect(store.put("/b", bytes("1"), absent)).rejects.toBeInstanceOf(UnwritableError);
    await expect(store.get("/a")).rejects.toBeInstanceOf(UnwritableError);
  });
}

function reads(open: OpenStore): void {
  test("lists go in byte order, page by page, as of one revision", async () => {
    await using store = await open();
    const keys = ["/p/a", "/p/a/b", "/p/a-b", "/p/é", "/p/\u{ffee}", "/p/\u{1f6f6}", "/p/__proto__", "/p/constructor"];
    for (const key of [...keys, "/o", "/q"]) await store.put(key, bytes(key), absent);
    const sorted = [...keys].sort((left, right) => Buffer.compare(bytes(left), bytes(right)));
    const all = await store.list("/p/");
    expect(all.items.map((item) => item.key)).toEqual(sorted);
    expect(all.items.map((item) => item.value.toString())).toEqual(sorted);

    const first = await store.list("/p/", { limit: 3 });
    expect([first.items.length, first.remaining, first.revision]).toEqual([3, 5, 10]);
    await store.put("/p/0-new", bytes(""), absent);
    await store.delete("/p/constructor", any);
    const rest = await store.list("/p/", { revision: first.revision, after: first.items.at(-1)?.key ?? "" });
    expect([...first.items, ...rest.items].map((item) => item.key)).toEqual(sorted);
    expect(rest.remaining).toBe(0);
    expect((await store.list("/p/", { limit: 0 })).remaining).toBe(8);
  });

  test("values of any bytes come back as they were, the empty one too", async () => {
    await using store = await open();
    const all = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
    await store.put("/all", all, absent);
    await store.put("/empty", Buffer.alloc(0), absent);
    expect((await store.get("/all"))?.value.equals(all)).toBe(true);
    expect((await store.get("/empty"))?.value).toHaveLength(0);
  });

  test("a revision to come is refused", async () => {
    await using store = await open();
    await store.put("/a", bytes("1"), absent);
    await expect(store.get("/a", { revision: 2 })).rejects.toBeInstanceOf(FutureRevisionError);
    await expect(store.list("/", { revision: 2 })).rejects.toMatchObject({ current: 1 });
  });
}

function watches(open: OpenStore): void {
  test("a watch resumes at every revision, from history and then live, in order and exactly once", async () => {
    await using store = await open();
    const model = new Model();
    const random = sequence(7);
    const step = async () => {
      const key = `/${random(2) === 0 ? "a" : "b"}/${random(5)}`;
      const value = `${random(1000)}`;
      const present = model.get(key) !== undefined;
      if (present && random(3) === 0)
        await Promise.all([store.delete(key, any), Promise.resolve(model.delete(key, "any"))]);
      else await Promise.all([store.put(key, bytes(value), any), Promise.resolve(model.put(key, value, "any"))]);
    };
    for (let count = 0; count < 60; count++) await step();
    const following = Array.from({ length: 60 }, (_, at) => collect(store, "/a/", at + 1, 120));
    for (let count = 0; count < 60; count++) await step();
    for (const [at, seen] of (await Promise.all(following)).entries())
      expect(seen).toEqual(model.events("/a/", at + 1));
  });

  test("an abort ends a waiting watch without an error", async () => {
    await using store = await open();
    const controller = new AbortController();
    const done = drain(store.watch("/", { from: 1, signal: controller.signal }));
    await store.put("/a", bytes("1"), absent);
    controller.abort();
    expect((await done).flatMap((batch) => batch.events).length).toBeLessThanOrEqual(1);
    expect(await drain(store.watch("/", { from: 1, signal: controller.signal }))).toEqual([]);
  });

  test("closing the store ends its watches", async () => {
    const store = await open();
    const done = drain(store.watch("/", { from: 1, signal: new AbortController().signal }));
    await store[Symbol.asyncDispose]();
    expect(await done).toEqual([]);
  });

  test("a watch tells of progress where nothing matched", async () => {
    await using store = await open();
    for (let at = 0; at < 5; at++) await store.put(`/other/${at}`, bytes(""), absent);
    const watch = store.watch("/mine/", { from: 1, signal: new AbortController().signal })[Symbol.asyncIterator]();
    expect((await watch.next()).value).toEqual({ events: [], revision: 5 });
    await watch.return?.();
  });

  test("a slow watcher gets every change in bounded batches", async () => {
    await using store = await open();
    const watch = store.watch("/", { from: 1, signal: new AbortController().signal })[Symbol.asyncIterator]();
    for (let round = 0; round < 20; round++) {
      await Promise.all(Array.from({ length: 200 }, (_, at) => store.put(`/${at}`, bytes(`${round}`), any)));
    }
    const seen: Revision[] = [];
    while (seen.length < 4000) {
      const { value } = await watch.next();
      const revisions: Revision[] = value.events.map((event: StoreEvent) => plainEvent(event).revision);
      expect(revisions.length).toBeLessThanOrEqual(1000);
      seen.push(...revisions);
    }
    expect(seen).toEqual(Array.from({ length: 4000 }, (_, at) => at + 1));
    await watch.return?.();
  });
}

function subscriptions(open: OpenStore): void {
  test("subscribers hear of a batch in the tick in which reads see it, with the very Buffers written", async () => {
    await using store = await open();
    await store.put("/a/1", bytes("old"), absent);
    const seen: StoreEvent[] = [];
    const progress: Revision[] = [];
    const subscription = store.subscribe("/a/", (batch) => {
      seen.push(...batch.events);
      progress.push(batch.revision);
    });
    expect(subscription.revision).toBe(1);
    const value = bytes("new");
    const put = store
      .put("/a/1", value, any)
      .then((item) => expect(seen.at(-1)).toEqual({ type: "put", current: item, previous: expect.anything() }));
    expect(seen).toEqual([]);
    await put;
    expect(seen[0]?.type === "put" && seen[0].current.value).toBe(value);
    expect(seen[0]?.previous?.value).toEqual(bytes("old"));
    await store.put("/b/1", bytes(""), absent);
    expect(progress).toEqual([2, 3]);
    subscription.unsubscribe();
    await store.delete("/a/1", any);
    expect(seen).toHaveLength(1);
  });

  test("reads made while a subscriber is called see its events", async () => {
    await using store = await open();
    const reading: Promise<unknown>[] = [];
    store.subscribe(
      "/",
      (batch) =>
        void reading.push(
          Promise.resolve(store.revision()).then((revision) => expect(revision).toBeGreaterThanOrEqual(batch.revision)),
        ),
    );
    await Promise.all(Array.from({ length: 50 }, (_, at) => store.put(`/${at}`, bytes(""), absent)));
    expect(reading.length).toBeGreaterThan(0);
    await Promise.all(reading);
  });
}

function compaction(open: OpenStore): void {
  test("compacted history is refused and what is retained reads as before", async () => {
    await using store = await open();
    await store.put("/a", bytes("1"), absent);
    await store.put("/a", bytes("2"), any);
    await store.delete("/a", any);
    await store.put("/b", bytes("1"), absent);
    await store.compact(3);
    expect(store.compacted).toBe(3);
    await expect(store.get("/a", { revision: 2 })).rejects.toBeInstanceOf(CompactedError);
    await expect(drain(store.watch("/", { from: 2, signal: new AbortController().signal }))).rejects.toMatchObject({
      compacted: 3,
    });
    expect(await store.get("/a", { revision: 3 })).toBeUndefined();
    expect(await collect(store, "/", 3, 4)).toEqual([
      { revision: 3, key: "/a", value: undefined, previous: expect.toBeOneOf(["2", undefined]) },
      { revision: 4, key: "/b", value: "1", previous: undefined },
    ]);
    await expect(store.compact(9)).rejects.toBeInstanceOf(FutureRevisionError);
  });

  test("history older than the window goes by itself", async () => {
    const retentionClock = new ManualClock(0);
    await using store = await open({ retentionClock, retention: { ageMs: 1000 } });
    await store.put("/a", bytes("1"), absent);
    await store.put("/a", bytes("2"), any);
    retentionClock.advance(900);
    await store.put("/a", bytes("3"), any);
    expect(store.compacted).toBe(0);
    retentionClock.advance(300);
    expect(store.compacted).toBe(2);
    expect((await store.get("/a", { revision: 2 }))?.value).toEqual(bytes("2"));
    retentionClock.advance(1200);
    expect(store.compacted).toBe(3);
  });

  test("history beyond the count goes by itself while a watcher that keeps up misses nothing", async () => {
    await using store = await open({ retention: { revisions: 100 } });
    const following = collect(store, "/", 1, 2000);
    for (let round = 0; round < 200; round++)
      await Promise.all(Array.from({ length: 10 }, (_, at) => store.put(`/${at}`, bytes(`${round}`), any)));
    expect((await following).map((event) => event.revision)).toEqual(Array.from({ length: 2000 }, (_, at) => at + 1));
    expect(store.compacted).toBe(1900);
  });

  test("a watcher that stands still while history is compacted away gets an error, not a gap", async () => {
    await using store = await open();
    for (let at = 0; at < 600; at++) await store.put(`/${at % 7}`, bytes(`${at}`), any);
    const watch = store.watch("/", { from: 1, signal: new AbortController().signal })[Symbol.asyncIterator]();
    const { value } = await watch.next();
    expect(value.revision).toBeLessThan(500);
    await store.compact(500);
    await expect(watch.next()).rejects.toBeInstanceOf(CompactedError);
  });

  test("a list that is being read is not swept away", async () => {
    await using store = await open();
    await Promise.all(Array.from({ length: 3000 }, (_, at) => store.put(`/${at}`, bytes("old"), absent)));
    const revision = await store.revision();
    const reading = store.list("/", { revision });
    await Promise.all(Array.from({ length: 3000 }, (_, at) => store.put(`/${at}`, bytes("new"), any)));
    const compacting = store.compact(await store.revision());
    const page = await reading;
    expect(page.items.every((item) => item.value.toString() === "old")).toBe(true);
    await compacting;
    expect((await store.list("/")).items.every((item) => item.value.toString() === "new")).toBe(true);
  });
}

function timeToLive(open: OpenStore): void {
  test("a key with a time to live is deleted as an ordinary revision", async () => {
    const clock = new ManualClock(1_000_000);
    await using store = await open({ clock });
    await store.put("/short", bytes("1"), { expect: "absent", ttlSeconds: 10 });
    await store.put("/long", bytes("1"), { expect: "absent", ttlSeconds: 3600 });
    await store.put("/kept", bytes("1"), { expect: "absent", ttlSeconds: 10 });
    await store.put("/kept", bytes("2"), { expect: "any" });
    await store.put("/renewed", bytes("1"), { expect: "absent", ttlSeconds: 10 });
    clock.advance(9_000);
    await store.put("/renewed", bytes("2"), { expect: "any", ttlSeconds: 10 });
    const following = collect(store, "/", 7, 7);
    clock.advance(1_500);
    expect(await following).toEqual([{ revision: 7, key: "/short", value: undefined, previous: "1" }]);
    expect((await store.list("/")).items.map((item) => item.key)).toEqual(["/kept", "/long", "/renewed"]);
  });

  test("many keys that expire together all go, a bounded number at a time", async () => {
    const clock = new ManualClock(0);
    await using store = await open({ clock });
    await Promise.all(
      Array.from({ length: 1200 }, (_, at) =>
        store.put(`/${at}`, bytes(""), { expect: "absent", ttlSeconds: 1 + (at % 3) }),
      ),
    );
    const following = collect(store, "/", 1201, 2400);
    clock.advance(5_000);
    expect(new Set((await following).map((event) => event.key)).size).toBe(1200);
    expect((await store.list("/")).items).toEqual([]);
  });
}

type Step =
  | { readonly do: "put" | "delete"; readonly key: string; readonly expect: Precondition | "right" }
  | { readonly do: "compact"; readonly back: number }
  | { readonly do: "settle" };

const key = fc.constantFrom("/a/1", "/a/2", "/a/10", "/b/1", "/b/é");
const expectation = fc.oneof(
  fc.constantFrom<Precondition | "right">("absent", "any", "right"),
  fc.integer({ min: 1, max: 30 }),
);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant("put" as const), key, expect: expectation }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("delete" as const), key, expect: expectation }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("compact" as const), back: fc.nat(5) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("settle" as const) }) },
  ),
  { maxLength: 60 },
);

function histories(open: OpenStore): void {
  test("any history, with writes left in flight, is the model's", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        await using store = await open();
        const model = new Model();
        const live: PlainEvent[] = [];
        store.subscribe("", (batch) => live.push(...batch.events.map(plainEvent)));
        let inFlight: Promise<unknown>[] = [];
        for (const [at, step] of history.entries()) {
          if (step.do === "put" || step.do === "delete") inFlight.push(write(store, model, step, `v${at}`));
          else {
            await Promise.all(inFlight);
            inFlight = [];
            if (step.do === "compact") await compactBoth(store, model, Math.max(0, model.revision - step.back));
          }
        }
        await Promise.all(inFlight);
        await compare(store, model);
        expect(live).toEqual(model.changes());
      }),
      { numRuns: 60 },
    );
  });
}

async function write(store: Store, model: Model, step: Step & { do: "put" | "delete" }, value: string): Promise<void> {
  const wanted = step.expect === "right" ? (model.get(step.key)?.mod ?? "absent") : step.expect;
  if (step.do === "put") {
    const [expected, actual] = [
      outcome(() => model.put(step.key, value, wanted)),
      store.put(step.key, bytes(value), { expect: wanted }),
    ];
    await same(
      expected,
      actual.then((item) => ({
        key: item.key,
        value: item.value.toString(),
        create: item.createRevision,
        mod: item.modRevision,
        version: item.version,
      })),
    );
    return;
  }
  const expect = wanted === "absent" ? "any" : wanted;
  const [expected, actual] = [
    outcome(() => model.delete(step.key, expect).revision),
    store.delete(step.key, { expect }),
  ];
  await same(
    expected,
    actual.then((deleted) => deleted.revision),
  );
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

function outcome(call: () => unknown): Outcome {
  try {
    return { value: call() };
  } catch (error) {
    return { error };
  }
}

async function same(expected: Outcome, actual: Promise<unknown>): Promise<void> {
  expect(
    await actual.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    ),
  ).toEqual(expected);
}

async function compactBoth(store: Store, model: Model, revision: Revision): Promise<void> {
  model.compact(revision);
  await store.compact(revision);
  expect(store.compacted).toBe(model.compacted);
}

async function compare(store: Store, model: Model): Promise<void> {
  expect(await store.revision()).toBe(model.revision);
  for (let revision = 0; revision <= model.revision; revision++) {
    for (const options of [{ revision }, { revision, limit: 2 }, { revision, limit: 2, after: "/a/10" }]) {
      const expected = outcome(() => model.list("/a/", options));
      const page = store.list("/a/", options).then(({ items, remaining }) => ({
        items: items.map((item) => ({
          key: item.key,
          value: item.value.toString(),
          create: item.createRevision,
          mod: item.modRevision,
          version: item.version,
        })),
        remaining,
      }));
      await same(expected, page);
    }
    const events = outcome(() => model.events("/b/", revision).filter((event) => event.revision > model.compacted));
    if ("error" in events || model.revision === 0) continue;
    expect(
      (await collect(store, "/b/", Math.max(1, revision), model.revision)).filter(
        (event) => event.revision > model.compacted,
      ),
    ).toEqual(events.value);
  }
}

/** The events below a prefix from one revision up to another. */
async function collect(store: Store, prefix: string, from: Revision, to: Revision): Promise<PlainEvent[]> {
  const controller = new AbortController();
  const events: PlainEvent[] = [];
  let reached = from - 1;
  for await (const batch of store.watch(prefix, { from, signal: controller.signal })) {
    for (const event of batch.events) {
      expect(plainEvent(event).revision).toBeGreaterThan(reached);
      reached = plainEvent(event).revision;
      events.push(plainEvent(event));
    }
    expect(batch.revision).toBeGreaterThanOrEqual(reached);
    if (batch.revision >= to) break;
  }
  return events;
}

async function drain(watch: AsyncIterable<WatchBatch>): Promise<WatchBatch[]> {
  const batches: WatchBatch[] = [];
  for await (const batch of watch) batches.push(batch);
  return batches;
}

/** A small fixed pseudo-random sequence. */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}
