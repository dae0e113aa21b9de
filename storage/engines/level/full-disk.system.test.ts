import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { UnwritableError, type Store } from "../../store.ts";
import { openLevelStore } from "./open-level-store.ts";

const canMount = tryMount();

function tryMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  return spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmpdir()]).status === 0;
}

async function smallDisk(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "wherry-full-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", folder]);
  expect(mounted.status, mounted.stderr.toString()).toBe(0);
  onTestFinished(async () => {
    expect(spawnSync("umount", [folder]).status).toBe(0);
    await rm(folder, { recursive: true });
  });
  return folder;
}

/** Writes until the disk refuses; returns what was acknowledged. */
async function fill(store: Store, prefix: string): Promise<Map<string, Buffer>> {
  const written = new Map<string, Buffer>();
  for (let round = 0; round < 1000; round++) {
    const writes = Array.from({ length: 4 }, (_, at) => ({
      key: `${prefix}${round}-${at}`,
      value: randomBytes(32_000),
    }));
    const outcomes = await Promise.allSettled(
      writes.map(async ({ key, value }) => await store.put(key, value, { expect: "absent" })),
    );
    writes.forEach(({ key, value }, at) => outcomes[at]?.status === "fulfilled" && written.set(key, value));
    const refused = outcomes.find((outcome) => outcome.status === "rejected");
    if (refused === undefined) continue;
    expect(refused.reason).toBeInstanceOf(UnwritableError);
    return written;
  }
  throw new Error("the disk never got full");
}

async function expectHolds(store: Store, written: ReadonlyMap<string, Buffer>): Promise<void> {
  const { items } = await store.list("/");
  expect(items.map((item) => item.key)).toEqual([...written.keys()].sort());
  for (const item of items) expect(item.value.equals(written.get(item.key) ?? Buffer.alloc(0)), item.key).toBe(true);
}

async function firstTaken(store: Store, key: string, value: Buffer): Promise<number> {
  for (let attempt = 0; ; attempt++) {
    try {
      return (await store.put(key, value, { expect: "absent" })).modRevision;
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(UnwritableError);
      if (attempt > 300) throw thrown;
      await setTimeout(100);
    }
  }
}

test.skipIf(!canMount)(
  `a full disk refuses writes and serves reads; writes go on once there is space${canMount ? "" : " (skipped: mounting a tmpfs needs root)"}`,
  async () => {
    const disk = await smallDisk();
    const folder = join(disk, "store");
    const ballast = join(disk, "ballast");
    await writeFile(ballast, Buffer.alloc(12 * 1024 * 1024));
    const written = new Map<string, Buffer>();
    {
      await using store = await openLevelStore({ folder });
      for (let round = 0; round < 2; round++) {
        for (const [key, value] of await fill(store, `/fill${round}-`)) written.set(key, value);
        const revision = await store.revision();
        expect(revision).toBe(written.size);
        for (let attempt = 0; attempt < 5; attempt++) {
          await expect(store.put("/refused", Buffer.alloc(10), { expect: "absent" })).rejects.toThrow(
            /disk refuses? writes|disk refused a write/,
          );
          await expectHolds(store, written);
          await setTimeout(100);
        }
        if (round === 0) await rm(ballast);
        else break;
        const value = Buffer.from("after");
        expect(await firstTaken(store, "/after", value)).toBe(revision + 1);
        written.set("/after", value);
        await expectHolds(store, written);
      }
    }
    await using store = await openLevelStore({ folder: await copied(folder) });
    await expectHolds(store, written);
    expect(await store.revision()).toBe(written.size);
  },
);

/** On a disk with space: opening needs some. */
async function copied(folder: string): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), "wherry-copy-"));
  onTestFinished(async () => await rm(copy, { recursive: true, force: true }));
  expect(spawnSync("cp", ["-r", `${folder}/.`, copy]).status).toBe(0);
  return copy;
}
