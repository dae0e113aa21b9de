import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import type { Commit } from "../../mvcc/engine.ts";
import { openMvcc } from "../../mvcc/mvcc-store.ts";
import { UnwritableError, type Store } from "../../store.ts";
import { LevelEngine } from "./level-engine.ts";
import { openDatabase, type Database } from "./open-database.ts";
import { openLevelStore } from "./open-level-store.ts";

interface Opened {
  readonly folder: string;
  /** Below the store, to break things. */
  readonly database: Database;
  readonly store: Store;
}

async function openBreakable(): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), "wherry-recovery-"));
  const database = await openDatabase(folder);
  const store = await openMvcc(new LevelEngine(database, { folder, durable: true }), {});
  onTestFinished(async () => {
    await store[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  return { folder, database, store };
}

/** What a commit leaves on the disk whose sync fails after the bytes are there. */
async function landUnnoticed(database: Database, commit: Commit): Promise<void> {
  await new LevelEngine(database, { folder: "", durable: true }).commit(commit);
}

async function untilTaken<T>(write: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await write();
    } catch (thrown) {
      if (!(thrown instanceof UnwritableError) || attempt > 500) throw thrown;
      await setTimeout(20);
    }
  }
}

test("after a failed write the store opens the folder again by itself, and reads wait or are served", async () => {
  const { database, store } = await openBreakable();
  await store.put("/a", Buffer.from("1"), { expect: "absent" });
  await database.close();
  await expect(store.put("/a", Buffer.from("2"), { expect: "any" })).rejects.toBeInstanceOf(UnwritableError);
  await expect(store.put("/a", Buffer.from("2"), { expect: "any" })).rejects.toThrow(/go on by themselves/);
  expect(await untilTaken(async () => await store.put("/a", Buffer.from("3"), { expect: 1 }))).toMatchObject({
    modRevision: 2,
  });
  expect((await store.get("/a", { revision: 1 }))?.value.toString()).toBe("1");
});

test("a write that was reported as failed is taken out again, though its bytes had reached the disk", async () => {
  const { folder, database, store } = await openBreakable();
  await store.put("/a", Buffer.from("1"), { expect: "absent" });
  const ghost = (mod: number) => ({ key: `/ghost${mod}`, mod, create: mod, version: 1, size: 5, expiresAt: 0 });
  await landUnnoticed(database, {
    changes: [2, 3].map((mod) => ({ version: ghost(mod), value: Buffer.from("ghost") })),
    forget: [],
    mark: { revision: 3, swept: 0, retained: 3 },
  });
  await database.close();
  await expect(store.put("/ghost2", Buffer.from("ghost"), { expect: "absent" })).rejects.toBeInstanceOf(
    UnwritableError,
  );
  const written = await untilTaken(async () => await store.put("/b", Buffer.from("2"), { expect: "absent" }));
  expect(written.modRevision).toBe(2);
  await store[Symbol.asyncDispose]();

  await using again = await openLevelStore({ folder });
  expect((await again.list("/")).items.map((item) => item.key)).toEqual(["/a", "/b"]);
  expect(await again.revision()).toBe(2);
});

test("closing ends the attempts to recover", async () => {
  const { folder, database, store } = await openBreakable();
  await store.put("/a", Buffer.from("1"), { expect: "absent" });
  await database.close();
  await expect(store.put("/b", Buffer.from("1"), { expect: "absent" })).rejects.toBeInstanceOf(UnwritableError);
  await store[Symbol.asyncDispose]();
  await using again = await openLevelStore({ folder });
  expect(await again.revision()).toBe(1);
});
