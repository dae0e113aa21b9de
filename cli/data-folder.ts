import { mkdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { UserError } from "./user-error.ts";

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** Where programs of this machine's kind keep a user's data. */
export function defaultDataFolder(machine: Machine = thisMachine()): string {
  const { platform, environment, home } = machine;
  if (platform === "darwin") return join(home, "Library", "Application Support", "wherry");
  if (platform === "win32") return join(environment["LOCALAPPDATA"] ?? join(home, "AppData", "Local"), "wherry");
  // A relative path is to be ignored: https://specifications.freedesktop.org/basedir-spec/latest/
  const data = environment["XDG_DATA_HOME"] ?? "";
  return join(isAbsolute(data) ? data : join(home, ".local", "share"), "wherry");
}

function thisMachine(): Machine {
  return { platform: process.platform, environment: process.env, home: homedir() };
}

export function dataFolder(asked: string | undefined): string {
  return asked === undefined ? defaultDataFolder() : resolve(asked);
}

/** Keys lie in it: it is for its owner alone. */
export async function makeDataFolder(folder: string): Promise<void> {
  try {
    await makeFolders(folder);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(`${folder} cannot be the data folder (${why}); choose another with --data-dir`, { cause });
  }
}

/** One by one: on Node 20, a recursive mkdir below a folder that takes none (/proc) never ends. */
async function makeFolders(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await stat(folder)).isDirectory()) return;
    if (code !== "ENOENT" || dirname(folder) === folder) throw thrown;
    await makeFolders(dirname(folder));
    await mkdir(folder, { mode: 0o700 });
  }
}

/** `~` for the home folder, as people write it. */
export function shownPath(path: string, home: string = homedir()): string {
  return path.startsWith(join(home, "/")) ? join("~", path.slice(home.length)) : path;
}
