import { mkdtemp, readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import { silentLogger } from "../../../base/log.ts";
import { ManualClock } from "../../../storage/manual-clock.testing.ts";
import { backupCleaner, type BackupOptions } from "./backups.ts";
import { RotatingFile } from "./rotating-file.ts";

let folder: string;
let timers: ManualClock;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "wherry-"));
  timers = new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
});
afterEach(() => rm(folder, { recursive: true }));

const line = (id: number): Buffer => Buffer.from(`{"line":${id}}\n`);
const lines = (count: number, first = 0): readonly Buffer[] =>
  Array.from({ length: count }, (_, index) => line(first + index));

async function opened(options: Partial<BackupOptions> & { maxBytes?: number } = {}): Promise<RotatingFile> {
  const { maxBytes = 0, path = join(folder, "logs", "audit.log"), ...others } = options;
  const backups = { path, maxAge: 0, maxBackups: 0, compress: false, ...others };
  const file = new RotatingFile({
    path,
    maxBytes,
    clean: backupCleaner(backups, { timers, log: silentLogger }),
    timers,
  });
  await file.open();
  return file;
}
const texts = async (): Promise<Record<string, string>> => {
  const names = await readdir(join(folder, "logs"));
  const read = async (name: string): Promise<[string, string]> => {
    const bytes = await readFile(join(folder, "logs", name));
    return [name, (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString()];
  };
  return Object.fromEntries(await Promise.all(names.toSorted().map(read)));
};

it("is made for its owner alone, and goes on where it ended", async () => {
  const first = await opened();
  await first.write(lines(2));
  await first.close();
  expect((await stat(join(folder, "logs", "audit.log"))).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder, "logs"))).mode & 0o777).toBe(0o700);
  const second = await opened();
  await second.write(lines(1, 2));
  await second.close();
  expect(await texts()).toEqual({ "audit.log": lines(3).join("") });
});

it("is put aside when it is full, between two lines", async () => {
  const size = line(0).length;
  const file = await opened({ maxBytes: 2 * size });
  await file.write(lines(5));
  await file.close();
  expect(await texts()).toEqual({
    "audit-2026-01-02T03-04-05.678.log": lines(2).join(""),
    "audit-2026-01-02T03-04-05.679.log": lines(2, 2).join(""),
    "audit.log": lines(1, 4).join(""),
  });
});

it("has one line for itself that is longer than a file may be", async () => {
  const file = await opened({ maxBytes: 5 });
  await file.write(lines(2));
  await file.close();
  expect(Object.values(await texts())).toEqual([line(0).toString(), line(1).toString()]);
});

it("leaves so many old ones, and none that is too old", async () => {
  const size = line(0).length;
  const file = await opened({ maxBytes: size, maxBackups: 2, maxAge: 1 });
  await file.write(lines(4));
  await file.close();
  expect(Object.values(await texts())).toEqual([1, 2, 3].map((id) => line(id).toString()));
  timers.advance(25 * 3_600_000);
  await (await opened({ maxBytes: size, maxBackups: 2, maxAge: 1 })).close();
  expect(Object.keys(await texts())).toEqual(["audit.log"]);
});

it("has its old ones compressed", async () => {
  const file = await opened({ maxBytes: line(0).length, compress: true });
  await file.write(lines(2));
  await file.close();
  expect(await texts()).toEqual({
    "audit-2026-01-02T03-04-05.678.log.gz": line(0).toString(),
    "audit.log": line(1).toString(),
  });
});

it("is made anew when somebody has taken it away and it is full", async () => {
  const file = await opened({ maxBytes: line(0).length });
  await file.write(lines(1));
  await rm(join(folder, "logs", "audit.log"));
  await file.write(lines(1, 1));
  await file.close();
  expect(await texts()).toEqual({ "audit.log": line(1).toString() });
});

it.skipIf(process.platform !== "linux")("says when the disk is full, and goes on when it is not any more", async () => {
  const file = await opened({ path: "/dev/full" });
  for (let attempt = 0; attempt < 2; attempt += 1) await expect(file.write(lines(1))).rejects.toThrow("ENOSPC");
  await file.close();
});

it("leaves files of others alone", async () => {
  const other = await opened({ path: join(folder, "logs", "audit-notes.log") });
  await other.write(lines(1));
  await other.close();
  await utimes(join(folder, "logs", "audit-notes.log"), 0, 0);
  await (await opened({ maxBackups: 1, maxAge: 1, compress: true })).close();
  expect(Object.keys(await texts())).toEqual(["audit-notes.log", "audit.log"]);
});
