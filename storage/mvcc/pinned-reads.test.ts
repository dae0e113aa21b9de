import { expect, test } from "vitest";
import { MemoryEngine } from "../engines/memory/memory-engine.ts";
import { plainEvent } from "../model.testing.ts";
import type { Revision, Store } from "../store.ts";
import { openMvcc } from "./mvcc-store.ts";

/** A real engine whose reads wait until the test lets them go. */
class SlowReads extends MemoryEngine {
  #asked = (): void => undefined;
  readonly asked: Promise<void> = new Promise((resolve) => (this.#asked = resolve));
  go = (): void => undefined;
  #gate: Promise<void> | undefined;

  hold(): void {
    this.#gate = new Promise((resolve) => (this.go = resolve));
  }

  override async values(revisions: readonly Revision[]): Promise<(Buffer | undefined)[]> {
    this.#asked();
    await this.#gate;
    return await super.values(revisions);
  }
}

/** `/a` is written twice and then falls out of the recent events, so that reading it needs the engine. */
async function openWithHistory(): Promise<{ engine: SlowReads; store: Store }> {
  const engine = new SlowReads();
  const store = await openMvcc(engine, {});
  await store.put("/a", Buffer.from("old"), { expect: "absent" });
  await store.put("/a", Buffer.from("new"), { expect: "any" });
  for (let at = 0; at < 2000; at++) await store.put("/other", Buffer.alloc(0), { expect: "any" });
  engine.hold();
  return { engine, store };
}

const turn = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

test("what a read needs is not swept away while it reads", async () => {
  const { engine, store } = await openWithHistory();
  const reading = store.list("/a", { revision: 1 });
  await engine.asked;
  const compacting = store.compact(1500);
  await turn();
  await expect(store.get("/a", { revision: 1 })).rejects.toThrow(/compacted/);
  engine.go();
  expect((await reading).items.map((item) => item.value.toString())).toEqual(["old"]);
  await compacting;
});

test("what a watch is about to deliver is not swept away, nor the values before", async () => {
  const { engine, store } = await openWithHistory();
  const watch = store.watch("/a", { from: 2, signal: new AbortController().signal })[Symbol.asyncIterator]();
  const reading = watch.next();
  await engine.asked;
  const compacting = store.compact(1500);
  await turn();
  engine.go();
  expect((await reading).value.events.map(plainEvent)).toEqual([
    { revision: 2, key: "/a", value: "new", previous: "old" },
  ]);
  await compacting;
});
