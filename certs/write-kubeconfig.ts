import { copyFile, mkdir, open, readFile, realpath, rm, chmod } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Kubeconfig } from "./kubeconfig.ts";
import { KubeconfigError, kubeconfigText, mergeKubeconfig } from "./merge-kubeconfig.ts";
import { writeFileAtomically } from "./write-file-atomically.ts";

export interface WrittenKubeconfig {
  readonly file: string;
  /** Holds what was there before; absent when nothing was, or nothing changed. */
  readonly backup?: string;
}

/** Merges our entries into a kubeconfig file, or makes the file. A file that cannot be understood is left alone. */
export async function writeKubeconfig(file: string, config: Kubeconfig): Promise<WrittenKubeconfig> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    return await withLock(file, () => merge(file, config));
  } catch (thrown) {
    if (thrown instanceof KubeconfigError) {
      throw new KubeconfigError(`${file} was left as it is: ${thrown.message}`, { cause: thrown });
    }
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new KubeconfigError(`${file} cannot be written (${why}); check its owner, or name another file`, {
      cause: thrown,
    });
  }
}

async function merge(named: string, config: Kubeconfig): Promise<WrittenKubeconfig> {
  // A link, as people have who keep their settings elsewhere, is followed rather than replaced.
  const file = (await realpath(named).catch(orAbsent)) ?? named;
  const before = await readFile(file, "utf8").catch(orAbsent);
  if (before === undefined) {
    await writeFileAtomically(file, kubeconfigText(config));
    return { file: named };
  }
  const after = mergeKubeconfig(before, config);
  if (after === before) return { file: named };
  const backup = `${named}.wherry-backup`;
  await copyFile(file, backup);
  await chmod(backup, 0o600);
  await writeFileAtomically(file, after);
  return { file: named, backup };
}

/** The lock that kubectl takes for its own changes: a file beside the file. */
async function withLock<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  const lock = `${file}.lock`;
  const attempts = 20;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await (await open(lock, "wx", 0o600)).close();
      break;
    } catch (thrown) {
      if (!isCode(thrown, "EEXIST")) throw thrown;
      if (attempt === attempts) {
        throw new KubeconfigError(`another program holds ${lock}; remove that file if none is running`);
      }
      await delay(50);
    }
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

function orAbsent(thrown: unknown): undefined {
  if (isCode(thrown, "ENOENT")) return undefined;
  throw thrown;
}

const isCode = (thrown: unknown, code: string): boolean =>
  thrown instanceof Error && "code" in thrown && thrown.code === code;
