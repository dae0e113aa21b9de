import { readFile } from "node:fs/promises";
import type { Clock } from "../base/clock.ts";

/** Rotated tokens are valid long before the old ones end. */
const rereadMs = 60_000;

/** The token in a file, read again each minute: whoever put it there renews it. A read that fails keeps the last one. */
export function tokenFile(path: string, timers: Clock): () => Promise<string> {
  let known: { readonly token: string; readonly at: number } | undefined;
  let reading: Promise<string> | undefined;
  const read = async (): Promise<string> => {
    try {
      const token = (await readFile(path, "utf8")).trim();
      if (token === "") throw new Error(`the token file ${path} is empty`);
      known = { token, at: timers.now() };
      return token;
    } catch (thrown) {
      if (known !== undefined) return known.token;
      throw thrown;
    }
  };
  return () => {
    if (known !== undefined && Math.abs(timers.now() - known.at) < rereadMs) return Promise.resolve(known.token);
    reading ??= read().finally(() => (reading = undefined));
    return reading;
  };
}
