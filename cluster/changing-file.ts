import { readFile } from "node:fs/promises";
import type { Changing } from "../auth/authn/changing.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import { repeat } from "../base/repeat.ts";

/** A file that was read when the cluster started, and how. */
export interface ReadFile<T> {
  readonly flag: string;
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly value: T;
  readonly parse: (bytes: Uint8Array) => T | Promise<T>;
}

export interface ChangingFile<T> extends Changing<T>, AsyncDisposable {}

const lookMs = 5_000;

/** Looks whether the file says something else now. What cannot be read, or makes no sense, is told, and changes nothing. */
export function changingFile<T>(read: ReadFile<T>, { clock, log }: { clock: Clock; log: Logger }): ChangingFile<T> {
  const { flag, file, parse } = read;
  const calls: ((value: T) => void)[] = [];
  let current = read.value;
  /** Also of what made no sense: it will not do so later. */
  let last = Buffer.from(read.bytes);
  const look = async (): Promise<void> => {
    const bytes = await readFile(file);
    if (bytes.equals(last)) return;
    last = bytes;
    current = await parse(bytes);
    log.info("a file was read again", { flag, file });
    for (const call of calls) call(current);
  };
  const stop = repeat(lookMs, look, {
    clock,
    failed(thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      log.error("a file could not be read again: what it said before stays", { flag, file, why });
    },
  });
  return {
    get current() {
      return current;
    },
    onChange: (call) => void calls.push(call),
    [Symbol.asyncDispose]: stop,
  };
}
