import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Clock } from "../../base/clock.ts";
import { repeat } from "../../base/repeat.ts";

/** Soon enough for whoever waits for it, and cheap. */
const checkMs = 1000;

interface FollowOptions {
  /** Real time. */
  readonly clock: Clock;
  readonly changed: () => Promise<void>;
  /** The file could not be read, or `changed` has thrown: told once for each content. */
  readonly failed: (thrown: unknown) => void;
}

/** Calls back when a file has other content, from now on. Returns what ends that. */
export function followFile(file: string, { clock, changed, failed }: FollowOptions): () => void {
  let known = contentNow(file);
  const end = repeat(
    checkMs,
    async () => {
      const content = await contentOf(file);
      if (content === known) return;
      known = content;
      await changed();
    },
    { clock, failed },
  );
  return () => void end();
}

/** As short as it can be compared. A file that is not there has a content of its own. */
async function contentOf(file: string): Promise<string> {
  try {
    return digest(await readFile(file));
  } catch (thrown) {
    return missing(thrown);
  }
}

function contentNow(file: string): string {
  try {
    return digest(readFileSync(file));
  } catch (thrown) {
    return missing(thrown);
  }
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64");
}

function missing(thrown: unknown): string {
  const { code } = thrown as NodeJS.ErrnoException;
  if (code === undefined) throw thrown;
  return code;
}
