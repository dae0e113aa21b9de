import { cp, mkdtemp, readdir, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openLevelStore } from "./open-level-store.ts";

/** The log that is being written: the one with the highest number. */
async function newestLog(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /^\d+\.log$/.test(name)).sort();
  return join(folder, names.at(-1) ?? "");
}

function valueOf(at: number): Buffer {
  // Some longer than a block of the log (32 KiB), so that records are cut within and between their parts.
  return Buffer.alloc(at % 5 === 0 ? 50_000 + at : 100 * at, at);
}

/** What a power cut leaves: the log up to some byte. A tail that was cut is not damage; the store opens before it. */
test("a log cut anywhere opens at the last write that was acknowledged before the cut", async () => {
  const folder = await mkdtemp(join(tmpdir(), "wherry-torn-"));
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
  const original = join(folder, "original");
  const sizes: number[] = [];
  {
    await using store = await openLevelStore({ folder: original });
    sizes.push((await stat(await newestLog(original))).size);
    for (let at = 1; at <= 25; at++) {
      await store.put(`/${at % 10}`, valueOf(at), { expect: "any" });
      sizes.push((await stat(await newestLog(original))).size);
    }
  }
  for (let revision = 0; revision < 25; revision++) {
    const [start = 0, end = 0] = sizes.slice(revision, revision + 2);
    for (const cut of [start, start + 1, Math.floor((start + end) / 2), end - 1]) {
      const copy = join(folder, "copy");
      await cp(original, copy, { recursive: true });
      await truncate(await newestLog(copy), cut);
      {
        await using store = await openLevelStore({ folder: copy, durable: false });
        expect(await store.revision(), `cut at ${cut}`).toBe(revision);
        for (const item of (await store.list("/")).items)
          expect(item.value.equals(valueOf(item.modRevision))).toBe(true);
        expect(await store.put("/new", valueOf(1), { expect: "absent" })).toMatchObject({ modRevision: revision + 1 });
      }
      await rm(copy, { recursive: true });
    }
  }
});
