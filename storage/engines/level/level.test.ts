import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { describe, expect, onTestFinished, test } from "vitest";
import { ManualClock } from "../../manual-clock.testing.ts";
import { plainEvent } from "../../model.testing.ts";
import { StoreCorruptError, StoreFormatError, StoreLockedError, StoreOpenError } from "../../open-errors.ts";
import type { StoreOptions } from "../../options.ts";
import type { Store } from "../../store.ts";
import { storeSuite } from "../../suite.testing.ts";
import { openLevelStore } from "./open-level-store.ts";

/** The folder goes when the test ends; the suite's stores are closed by then. */
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "wherry-store-"));
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The suite's own folders, since its property opens one store for each history. */
async function openTemporary(options: StoreOptions = {}): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), "wherry-store-"));
  // What a sync adds is the business of the system tests.
  const store = await openLevelStore({ ...options, folder, durable: false });
  const dispose = store[Symbol.asyncDispose].bind(store);
  store[Symbol.asyncDispose] = async () => {
    await dispose();
    await rm(folder, { recursive: true, force: true });
  };
  return store;
}

storeSuite("level", openTemporary);

describe("level, opened again", () => {
  test("everything is still there: values, revisions, versions and history", async () => {
    const folder = await temporaryFolder();
    {
      await using store = await openLevelStore({ folder });
      await store.put("/a", Buffer.from("1"), { expect: "absent" });
      await store.put("/a", Buffer.from("2"), { expect: 1 });
      await store.put("/b", Buffer.from("3"), { expect: "absent" });
      await store.delete("/b", { expect: 3 });
      await store.put("/é\u{1f6f6}", Buffer.alloc(0), { expect: "absent" });
    }
    await using store = await openLevelStore({ folder });
    expect(await store.revision()).toBe(5);
    expect(await store.get("/a")).toEqual({
      key: "/a",
      value: Buffer.from("2"),
      createRevision: 1,
      modRevision: 2,
      version: 2,
    });
    expect((await store.list("/")).items.map((item) => item.key)).toEqual(["/a", "/é\u{1f6f6}"]);
    expect((await store.get("/a", { revision: 1 }))?.value).toEqual(Buffer.from("1"));
    const watch = store.watch("/", { from: 2, signal: new AbortController().signal })[Symbol.asyncIterator]();
    expect((await watch.next()).value.events.map(plainEvent)).toEqual([
      { revision: 2, key: "/a", value: "2", previous: "1" },
      { revision: 3, key: "/b", value: "3", previous: undefined },
      { revision: 4, key: "/b", value: undefined, previous: "3" },
      { revision: 5, key: "/é\u{1f6f6}", value: "", previous: undefined },
    ]);
    await watch.return?.();
    expect(await store.put("/b", Buffer.from("4"), { expect: "absent" })).toMatchObject({ modRevision: 6, version: 1 });
  });

  test("what was compacted stays compacted, at every point", async () => {
    const folder = await temporaryFolder();
    const keys = ["/a", "/b", "/c"];
    for (let compacted = 1; compacted <= 12; compacted++) {
      await using store = await openLevelStore({ folder, durable: false });
      expect(store.compacted).toBe(compacted === 1 ? 0 : compacted - 1);
      const key = keys[compacted % 3] ?? "";
      if (compacted % 4 === 3)
        await store
          .delete(key, { expect: "any" })
          .catch(async () => await store.put(key, Buffer.from("x"), { expect: "any" }));
      else await store.put(key, Buffer.from(`${compacted}`), { expect: "any" });
      await store.compact(compacted);
      expect((await store.list("/")).items.map((item) => item.key)).toEqual(
        (await store.list("/", { revision: compacted })).items.map((item) => item.key),
      );
    }
  });

  test("a time to live runs on while the store is closed", async () => {
    const folder = await temporaryFolder();
    const clock = new ManualClock(1_000_000);
    {
      await using store = await openLevelStore({ folder, clock });
      await store.put("/event", Buffer.from("1"), { expect: "absent", ttlSeconds: 60 });
      await store.put("/later", Buffer.from("1"), { expect: "absent", ttlSeconds: 6000 });
    }
    clock.advance(70_000);
    await using store = await openLevelStore({ folder, clock });
    const deleted = new Promise((resolve) => store.subscribe("/", (batch) => resolve(batch.events.map(plainEvent))));
    clock.advance(0);
    expect(await deleted).toEqual([{ revision: 3, key: "/event", value: undefined, previous: "1" }]);
  });
});

describe("level, refusing to open", () => {
  test("a folder that is in use", async () => {
    const folder = await temporaryFolder();
    await using store = await openLevelStore({ folder });
    await expect(openLevelStore({ folder })).rejects.toThrow(StoreLockedError);
    expect(await store.put("/a", Buffer.from("1"), { expect: "absent" })).toMatchObject({ modRevision: 1 });
  });

  test("a store of a format it does not know, and a database that is not a store", async () => {
    for (const [key, value] of [
      ["f", "2"],
      ["other", "data"],
    ] as const) {
      const folder = await temporaryFolder();
      const database = new ClassicLevel(folder);
      await database.put(key, value);
      await database.close();
      const refused = openLevelStore({ folder });
      await expect(refused).rejects.toThrow(StoreFormatError);
      await expect(refused).rejects.toThrow(/^[^\n]*format ("2"|unknown)[^\n]*$/);
    }
  });

  test("a path that is a file", async () => {
    const path = join(await temporaryFolder(), "file");
    await writeFile(path, "");
    await expect(openLevelStore({ folder: path })).rejects.toThrow(StoreOpenError);
  });

  test("a folder whose CURRENT is gone, without touching what is left", async () => {
    const folder = await temporaryFolder();
    {
      await using store = await openLevelStore({ folder });
      await store.put("/a", Buffer.from("1"), { expect: "absent" });
    }
    await rm(join(folder, "CURRENT"));
    const before = await readdir(folder);
    await expect(openLevelStore({ folder })).rejects.toThrow(StoreCorruptError);
    expect(await readdir(folder)).toEqual(before);
  });

  test("a store in which a revision is missing", async () => {
    const folder = await temporaryFolder();
    {
      await using store = await openLevelStore({ folder });
      for (let at = 0; at < 3; at++) await store.put(`/${at}`, Buffer.from("1"), { expect: "absent" });
    }
    const database = new ClassicLevel<Buffer, Buffer>(folder, { keyEncoding: "buffer", valueEncoding: "buffer" });
    await database.del(Buffer.from([108, 0, 0, 0, 0, 0, 0, 0, 2]));
    await database.close();
    await expect(openLevelStore({ folder })).rejects.toThrow(/revision 2 is missing/);
  });

  test("a value whose bytes have changed: the read fails, the rest is served", async () => {
    const folder = await temporaryFolder();
    {
      await using store = await openLevelStore({ folder });
      for (let at = 1; at <= 3; at++) await store.put(`/${at}`, Buffer.from(`value ${at}`), { expect: "absent" });
    }
    const database = new ClassicLevel<Buffer, Buffer>(folder, { keyEncoding: "buffer", valueEncoding: "buffer" });
    const key = Buffer.from([118, 0, 0, 0, 0, 0, 0, 0, 2]);
    const value = (await database.get(key)) ?? Buffer.alloc(0);
    value[6] = (value[6] ?? 0) ^ 1;
    await database.put(key, value);
    await database.close();
    await using store = await openLevelStore({ folder });
    await expect(store.get("/2")).rejects.toThrow(StoreCorruptError);
    expect((await store.get("/3"))?.value.toString()).toBe("value 3");
    expect(await store.put("/2", Buffer.from("mended"), { expect: "any" })).toMatchObject({ version: 2 });
  });

  test("others cannot read the folder", async () => {
    const parent = await temporaryFolder();
    await chmod(parent, 0o755);
    const folder = join(parent, "deep", "store");
    await using _store = await openLevelStore({ folder });
    expect((await stat(folder)).mode & 0o077).toBe(0);
  });
});
