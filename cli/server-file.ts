import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../certs/write-file-atomically.ts";

/** What `server.json` in the data folder tells other commands about the server of that folder. */
export interface ServerFile {
  readonly url: string;
  readonly pid: number;
  readonly version: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Absent while it runs, and after it was killed. */
  readonly stoppedAt?: string;
}

const pathIn = (folder: string): string => join(folder, "server.json");

export async function writeServerFile(folder: string, content: ServerFile): Promise<void> {
  await writeFileAtomically(pathIn(folder), `${JSON.stringify(content, undefined, 2)}\n`);
}

/** Undefined where no server was started yet; a damaged file says nothing either, and the next start replaces it. */
export async function readServerFile(folder: string): Promise<ServerFile | undefined> {
  try {
    const content: unknown = JSON.parse(await readFile(pathIn(folder), "utf8"));
    return isServerFile(content) ? content : undefined;
  } catch (thrown) {
    if (thrown instanceof SyntaxError || (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT")) {
      return undefined;
    }
    throw thrown;
  }
}

function isServerFile(content: unknown): content is ServerFile {
  if (typeof content !== "object" || content === null) return false;
  const { url, pid, version, startedAt } = content as Partial<Record<keyof ServerFile, unknown>>;
  return [url, version, startedAt].every((field) => typeof field === "string") && Number.isSafeInteger(pid);
}

/** Whether its process is there: not yet a proof, since a number is used again after some time. */
export function isAlive({ pid, stoppedAt }: ServerFile): boolean {
  if (stoppedAt !== undefined || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // It belongs to somebody else.
    return thrown instanceof Error && "code" in thrown && thrown.code === "EPERM";
  }
}
