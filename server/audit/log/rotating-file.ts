import { mkdir, open, rename, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "../../../base/clock.ts";
import { backupName } from "./backups.ts";
import type { LineWriter } from "./log-backend.ts";

export interface RotatingFileOptions {
  readonly path: string;
  /** At which the file is put aside and a new one begun; 0: never. */
  readonly maxBytes: number;
  /** Looks after the files that were put aside; it settles its errors itself. */
  readonly clean: () => Promise<void>;
  /** Real time, for the names of old files. */
  readonly timers: Clock;
}

const lineFeed = Buffer.from("\n");
/** Like upstream: for its owner only. */
const modes = { folder: 0o700, file: 0o600 } as const;

/** Appends lines; no line is split between two files. */
export class RotatingFile implements LineWriter {
  readonly #options: RotatingFileOptions;
  /** Undefined after a failed rotation: opened with the next write. */
  #file: FileHandle | undefined;
  #size = 0;
  /** A write failed in the middle of a line, maybe. */
  #isTorn = false;
  /** No two old files have one name. */
  #rotatedAt = 0;
  #cleaning: Promise<void> = Promise.resolve();

  constructor(options: RotatingFileOptions) {
    this.#options = options;
  }

  /** Makes the folder and the file, or says why it cannot. */
  async open(): Promise<void> {
    await mkdir(dirname(this.#options.path), { recursive: true, mode: modes.folder });
    await this.#opened();
    this.#clean();
  }

  async write(lines: readonly Buffer[]): Promise<void> {
    let rest = lines;
    while (rest.length > 0) {
      const fitting = this.#countFitting(rest);
      if (fitting === 0) {
        await this.#rotate();
        continue;
      }
      await this.#append(rest.slice(0, fitting));
      rest = rest.slice(fitting);
    }
  }

  async close(): Promise<void> {
    await this.#cleaning;
    await this.#file?.close();
    this.#file = undefined;
  }

  /** A line that is longer than a whole file may be has one for itself. */
  #countFitting(lines: readonly Buffer[]): number {
    const { maxBytes } = this.#options;
    if (maxBytes === 0) return lines.length;
    let size = this.#size;
    let count = 0;
    for (const { length } of lines) {
      size += length;
      if (size > maxBytes && (count > 0 || this.#size > 0)) break;
      count += 1;
    }
    return count;
  }

  async #append(lines: readonly Buffer[]): Promise<void> {
    const file = await this.#opened();
    const bytes = Buffer.concat(this.#isTorn ? [lineFeed, ...lines] : lines);
    // Until it is written, nobody knows how much of it is.
    this.#isTorn = true;
    await file.appendFile(bytes);
    this.#isTorn = false;
    this.#size += bytes.length;
  }

  async #rotate(): Promise<void> {
    const { path, timers } = this.#options;
    await this.#file?.close();
    this.#file = undefined;
    this.#rotatedAt = Math.max(timers.now(), this.#rotatedAt + 1);
    try {
      await rename(path, backupName(path, this.#rotatedAt));
    } catch (thrown) {
      // Somebody took it away.
      if (!(thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT")) throw thrown;
    }
    this.#isTorn = false;
    await this.#opened();
    this.#clean();
  }

  async #opened(): Promise<FileHandle> {
    if (this.#file !== undefined) return this.#file;
    const file = await open(this.#options.path, "a", modes.file);
    this.#size = (await file.stat()).size;
    this.#file = file;
    return file;
  }

  #clean(): void {
    this.#cleaning = this.#cleaning.then(() => this.#options.clean());
  }
}
