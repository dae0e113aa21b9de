import { chmod, mkdir, open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { completePki, type PkiFiles } from "./complete-pki.ts";
import type { Pki } from "./pki.ts";
import { PkiError } from "./pki-error.ts";
import { type ServingNameOptions, servingNames } from "./serving-names.ts";
import { writeFileAtomically } from "./write-file-atomically.ts";

export interface PkiOptions extends ServingNameOptions {
  /** By default the machine's time: TLS checks certificates against that, never against the cluster's clock. */
  readonly now?: Date;
}

/** Keys and certificates that live in this process only, for clusters that never touch the disk. */
export async function createPki(options: PkiOptions): Promise<Pki> {
  const { pki } = await completePki(new Map(), { names: servingNames(options), now: options.now ?? new Date() });
  return pki;
}

/** Reads the folder, makes what is missing or due, and leaves it durable. Call it again at `renewAt`. */
export async function ensurePki(folder: string, options: PkiOptions): Promise<Pki> {
  const names = servingNames(options);
  const files = await readFolder(folder);
  const { pki, made } = await completePki(files, { names, now: options.now ?? new Date() }).catch((thrown: unknown) => {
    throw thrown instanceof PkiError ? new PkiError(`${folder}: ${thrown.message}`, { cause: thrown.cause }) : thrown;
  });
  await writeFolder(folder, made);
  return pki;
}

async function readFolder(folder: string): Promise<PkiFiles> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    const names = (await readdir(folder)).filter((name) => /\.(crt|key)$/.test(name));
    return new Map(
      await Promise.all(
        names.map(async (name): Promise<[string, string]> => [name, await readFile(join(folder, name), "utf8")]),
      ),
    );
  } catch (cause) {
    throw new PkiError(`${folder}: the folder of the certificates cannot be read (${reason(cause)}); check its owner`, {
      cause,
    });
  }
}

/** An authority's certificate comes after its key: it alone says that the pair is complete. */
async function writeFolder(folder: string, made: PkiFiles): Promise<void> {
  if (made.size === 0) return;
  const write = async (suffix: string): Promise<void> => {
    const wanted = [...made].filter(([name]) => name.endsWith(suffix));
    await Promise.all(wanted.map(([name, text]) => writeFileAtomically(join(folder, name), text)));
  };
  try {
    await write(".key");
    await write(".crt");
    const handle = await open(folder);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new PkiError(`${folder}: a certificate cannot be written (${reason(cause)}); check the folder and the disk`, {
      cause,
    });
  }
}

const reason = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
