import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/log.ts";

export interface BackupOptions {
  readonly path: string;
  /** Days; 0: whatever their age. */
  readonly maxAge: number;
  /** How many; 0: all. */
  readonly maxBackups: number;
  readonly compress: boolean;
}

const dayMs = 24 * 60 * 60 * 1000;

/** `audit-2026-01-02T03-04-05.678.log`, as upstream's rotation calls it. */
export function backupName(path: string, now: number): string {
  const { folder, stem, extension } = partsOf(path);
  const time = new Date(now).toISOString().slice(0, -1).replaceAll(":", "-");
  return join(folder, `${stem}-${time}${extension}`);
}

/** Old files go when they are too old or too many; those that stay are compressed, if that is wanted. */
export function backupCleaner(
  options: BackupOptions,
  deps: { readonly timers: Clock; readonly log: Logger },
): () => Promise<void> {
  return async () => {
    try {
      await clean(options, deps.timers.now());
    } catch (error) {
      deps.log.warn("old audit logs could not be looked after", { path: options.path, error });
    }
  };
}

async function clean({ path, maxAge, maxBackups, compress }: BackupOptions, now: number): Promise<void> {
  const backups = await backupsOf(path);
  const tooMany = maxBackups === 0 ? [] : backups.slice(maxBackups);
  const tooOld = maxAge === 0 ? [] : backups.filter(({ time }) => time < now - maxAge * dayMs);
  const gone = new Set([...tooMany, ...tooOld]);
  for (const { file } of gone) await rm(file, { force: true });
  if (!compress) return;
  for (const backup of backups) if (!gone.has(backup) && !backup.file.endsWith(".gz")) await gzip(backup.file);
}

interface Backup {
  readonly file: string;
  readonly time: number;
}

/** The newest first. */
async function backupsOf(path: string): Promise<readonly Backup[]> {
  const { folder, stem, extension } = partsOf(path);
  const found: Backup[] = [];
  for (const name of await readdir(folder)) {
    const plain = name.endsWith(".gz") ? name.slice(0, -".gz".length) : name;
    if (!plain.startsWith(`${stem}-`) || !plain.endsWith(extension)) continue;
    const text = plain.slice(stem.length + 1, plain.length - extension.length);
    const time = Date.parse(`${text.replace(/T(\d{2})-(\d{2})-(\d{2})/, "T$1:$2:$3")}Z`);
    if (!Number.isNaN(time)) found.push({ file: join(folder, name), time });
  }
  return found.toSorted((one, other) => other.time - one.time);
}

/** Under its own name only when it is whole. */
async function gzip(file: string): Promise<void> {
  const unfinished = `${file}.gz.tmp`;
  await pipeline(createReadStream(file), createGzip(), createWriteStream(unfinished, { mode: 0o600 }));
  await rename(unfinished, `${file}.gz`);
  await rm(file);
}

function partsOf(path: string): { folder: string; stem: string; extension: string } {
  const extension = extname(path);
  return { folder: dirname(path), stem: basename(path, extension), extension };
}
