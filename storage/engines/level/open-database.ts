import { mkdir, open, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ClassicLevel } from "classic-level";
import { StoreCorruptError, StoreFormatError, StoreLockedError, StoreOpenError } from "../../open-errors.ts";
import { probeFile } from "./probe.ts";
import { formatKey } from "./records.ts";

export type Database = ClassicLevel<Buffer, Buffer>;

const format = "1";

/** Opens the folder or says in one line why it cannot be. Creates it when it is missing. */
export async function openDatabase(folder: string): Promise<Database> {
  await prepareFolder(folder);
  const database: Database = new ClassicLevel(folder, { keyEncoding: "buffer", valueEncoding: "buffer" });
  try {
    await database.open();
  } catch (thrown) {
    throw openError(folder, thrown);
  }
  try {
    await requireFormat(folder, database);
  } catch (thrown) {
    await database.close();
    throw storeError(thrown);
  }
  return database;
}

async function prepareFolder(folder: string): Promise<void> {
  try {
    // Secrets lie here.
    const created = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (created !== undefined) await syncParents(folder, created);
    await rm(join(folder, probeFile), { force: true });
    await requireCurrent(folder);
  } catch (thrown) {
    if (thrown instanceof StoreCorruptError) throw thrown;
    throw new StoreOpenError(folder, reason(thrown), { cause: thrown });
  }
}

/** A folder that was just made must survive a power cut as well as what is in it. */
async function syncParents(folder: string, highest: string): Promise<void> {
  for (let at = folder; ; at = dirname(at)) {
    const parent = await open(dirname(at));
    try {
      await parent.sync();
    } finally {
      await parent.close();
    }
    if (at === highest || at === dirname(at)) return;
  }
}

/** Without its CURRENT file LevelDB would start a new database and delete what is left of the old one. */
async function requireCurrent(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (!names.includes("CURRENT") && names.some((name) => /\.(?:ldb|sst|log)$|^MANIFEST-/.test(name))) {
    throw new StoreCorruptError(`the file CURRENT is missing from ${folder}`);
  }
}

async function requireFormat(folder: string, database: Database): Promise<void> {
  const found = await database.get(formatKey);
  if (found?.toString() === format) return;
  if (found !== undefined) throw new StoreFormatError(folder, JSON.stringify(found.toString("utf8", 0, 20)), format);
  const keys = await database.keys({ limit: 1 }).all();
  if (keys.length > 0) throw new StoreFormatError(folder, "unknown", format);
  await database.put(formatKey, Buffer.from(format), { sync: true });
}

function openError(folder: string, thrown: unknown): Error {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  if (codeOf(cause) === "LEVEL_LOCKED") return new StoreLockedError(folder, { cause });
  const error = storeError(cause);
  return error instanceof StoreCorruptError ? error : new StoreOpenError(folder, reason(cause), { cause });
}

/** LevelDB's own finding of damage, in our words. */
export function storeError(thrown: unknown): Error {
  if (codeOf(thrown) === "LEVEL_CORRUPTION") return new StoreCorruptError(reason(thrown), { cause: thrown });
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

export function reason(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
}
