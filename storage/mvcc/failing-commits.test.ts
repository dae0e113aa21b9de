import { expect, test } from "vitest";
import { MemoryEngine } from "../engines/memory/memory-engine.ts";
import { UnwritableError, type Store, type WatchBatch } from "../store.ts";
import type { Commit } from "./engine.ts";
import { openMvcc } from "./mvcc-store.ts";

/** A real engine behind a gate: each commit waits for the test to let it pass or fail. */
class GatedEngine extends MemoryEngine {
  readonly commits: { readonly commit: Commit; readonly pass: () => void; readonly fail: () => void }[] = [];
  #arrived: () => void = () => undefined;

  override async commit(commit: Commit): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.commits.push({ commit, pass: resolve, fail: () => reject(new Error("no space left on device")) });
      this.#arrived();
    });
    await super.commit(commit);
  }

  async next(): Promise<{ readonly commit: Commit; readonly pass: () => void; readonly fail: () => void }> {
    if (this.commits.length === 0) await new Promise<void>((resolve) => (this.#arrived = resolve));
    const commit = this.commits.shift();
    if (commit === undefined) throw new Error("no commit came");
    return commit;
  }
}

async function openGated(): Promise<{ engine: GatedEngine; store: Store; seen: WatchBatch[] }> {
  const engine = new GatedEngine();
  const store = await openMvcc(engine, {});
  const seen: WatchBatch[] = [];
  store.subscribe("", (batch) => seen.push(batch));
  return { engine, store, seen };
}

const value = Buffer.from("value");

/** Settles what is due: a promise that is still pending after this is waiting for something. */
async function outcomeNow(promise: Promise<unknown>): Promise<string> {
  const later = new Promise<string>((resolve) => setImmediate(() => resolve("pending")));
  return await Promise.race([
    promise.then(
      () => "done",
      (why: Error) => why.name,
    ),
    later,
  ]);
}

test("nothing of a write shows before its commit is durable, not even by a refusal", async () => {
  const { engine, store, seen } = await openGated();
  const first = store.put("/a", value, { expect: "absent" });
  const commit = await engine.next();
  const second = store.put("/a", value, { expect: "absent" });
  const secondOutcome = outcomeNow(second);
  expect(await outcomeNow(first)).toBe("pending");
  expect(await secondOutcome).toBe("pending");
  expect(await store.get("/a")).toBeUndefined();
  expect(await store.revision()).toBe(0);
  expect(seen).toEqual([]);
  commit.pass();
  await first;
  await expect(second).rejects.toMatchObject({ name: "MismatchError", actual: 1 });
  expect(seen).toHaveLength(1);
});

test("writes that arrive during a commit share the next one", async () => {
  const { engine, store } = await openGated();
  const writes = [store.put("/0", value, { expect: "absent" }), store.put("/1", value, { expect: "absent" })];
  const first = await engine.next();
  for (let at = 2; at < 50; at++) writes.push(store.put(`/${at}`, value, { expect: "absent" }));
  expect(first.commit.changes).toHaveLength(2);
  first.pass();
  const second = await engine.next();
  expect(second.commit.changes).toHaveLength(48);
  second.pass();
  expect((await Promise.all(writes)).at(-1)?.modRevision).toBe(50);
});

test("a failed commit fails all that built on it, and the state is as before", async () => {
  const { engine, store, seen } = await openGated();
  const kept = store.put("/kept", value, { expect: "absent" });
  (await engine.next()).pass();
  await kept;
  const inFlight = store.put("/kept", Buffer.from("lost"), { expect: 1 });
  const commit = await engine.next();
  const behind = [
    store.put("/kept", value, { expect: 2 }),
    store.delete("/kept", { expect: "any" }),
    store.put("/kept", value, { expect: 1 }),
    store.put("/other", value, { expect: "absent" }),
  ];
  commit.fail();
  for (const write of [inFlight, ...behind]) await expect(write).rejects.toBeInstanceOf(UnwritableError);
  expect(await store.get("/kept")).toMatchObject({ modRevision: 1, value });
  expect(await store.revision()).toBe(1);
  expect(seen).toHaveLength(1);

  const again = store.put("/kept", value, { expect: 1 });
  (await engine.next()).pass();
  expect(await again).toMatchObject({ modRevision: 2, version: 2 });
  expect(seen.map((batch) => batch.revision)).toEqual([1, 2]);
});

test("a sweep that failed comes again, the same one, with the next write", async () => {
  const { engine, store } = await openGated();
  for (let at = 0; at < 3; at++) {
    const write = store.put("/a", value, { expect: "any" });
    (await engine.next()).pass();
    await write;
  }
  const compacting = store.compact(3);
  const sweep = await engine.next();
  expect(sweep.commit).toMatchObject({ changes: [], forget: [1, 2], mark: { revision: 3, swept: 3, retained: 1 } });
  sweep.fail();
  await expect(compacting).rejects.toBeInstanceOf(UnwritableError);
  expect(store.compacted).toBe(3);
  const write = store.put("/b", value, { expect: "absent" });
  const next = await engine.next();
  expect(next.commit).toMatchObject({ forget: [1, 2], mark: { revision: 4, swept: 3, retained: 2 } });
  next.pass();
  await write;
  await store.compact(3);
});

test("a sweep goes in small slices, so that a writer never waits for a large one", async () => {
  const { engine, store } = await openGated();
  const writes = Array.from({ length: 1000 }, (_, at) => store.put(`/${at % 10}`, value, { expect: "any" }));
  (await engine.next()).pass();
  await Promise.all(writes);
  const compacting = store.compact(1000);
  const first = await engine.next();
  const late = store.put("/late", value, { expect: "absent" });
  first.pass();
  const second = await engine.next();
  expect(second.commit.changes).toHaveLength(1);
  second.pass();
  await late;
  const [third, fourth] = [await passNext(engine), await passNext(engine)];
  await compacting;
  const sizes = [first.commit, second.commit, third, fourth].map((commit) => commit.forget.length);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(512);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(990);
});

async function passNext(engine: GatedEngine): Promise<Commit> {
  const { commit, pass } = await engine.next();
  pass();
  return commit;
}
