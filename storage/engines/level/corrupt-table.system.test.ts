import { randomBytes } from "node:crypto";
import { cp, mkdtemp, open, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { StoreCorruptError } from "../../open-errors.ts";
import { openLevelStore } from "./open-level-store.ts";

async function damage(path: string, at: number): Promise<void> {
  const file = await open(path, "r+");
  try {
    const bytes = Buffer.alloc(8);
    await file.read(bytes, 0, bytes.length, at);
    await file.write(Buffer.from(bytes.map((byte) => byte ^ 0xa5)), 0, bytes.length, at);
  } finally {
    await file.close();
  }
}

async function readEverything(folder: string): Promise<void> {
  await using store = await openLevelStore({ folder });
  const { items } = await store.list("");
  expect(items).toHaveLength(500);
}

test("damage anywhere in a table is found, at opening or at reading, and the message says what to do", async () => {
  const folder = await mkdtemp(join(tmpdir(), "wherry-damage-"));
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
  const original = join(folder, "original");
  {
    await using store = await openLevelStore({ folder: original });
    const writes = Array.from(
      { length: 500 },
      async (_, at) => await store.put(`/${at}`, randomBytes(1000), { expect: "absent" }),
    );
    await Promise.all(writes);
  }
  // Opening turns the log into a table.
  await readEverything(original);
  const [table] = (await readdir(original)).filter((name) => name.endsWith(".ldb"));
  const size = (await stat(join(original, table ?? ""))).size;
  for (let part = 1; part < 20; part++) {
    const copy = join(folder, `copy-${part}`);
    await cp(original, copy, { recursive: true });
    await damage(join(copy, table ?? ""), Math.floor((size * part) / 20));
    const found = readEverything(copy);
    await expect(found, `damage at ${part}/20`).rejects.toThrow(StoreCorruptError);
    await expect(found).rejects.toThrow(/restore a snapshot|move the folder away/);
  }
});

test("damage in the middle of the log is not taken for its end", async () => {
  const folder = await mkdtemp(join(tmpdir(), "wherry-damage-"));
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
  {
    await using store = await openLevelStore({ folder });
    for (let at = 0; at < 200; at++) await store.put(`/${at}`, randomBytes(1000), { expect: "absent" });
  }
  const [log] = (await readdir(folder)).filter((name) => name.endsWith(".log"));
  await damage(join(folder, log ?? ""), 100_000);
  await expect(openLevelStore({ folder })).rejects.toThrow(StoreCorruptError);
});
