import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { realClock } from "../base/clock.ts";
import { askServer } from "./ask-server.ts";
import { accessOf, type ClusterAccess } from "./cluster-access.ts";
import { dataFolder, shownPath } from "./data-folder.ts";
import { isAlive, readServerFile, type ServerFile } from "./server-file.ts";
import type { Terminal } from "./terminal.ts";

export interface StatusFlags {
  readonly dataDir?: string;
  readonly output: "human" | "json";
}

/** What `wherry status -o json` prints. */
export interface ServerStatus {
  readonly state: "running" | "starting or stuck" | "stopped" | "killed" | "never started";
  readonly dataDir: string;
  readonly storeBytes: number;
  readonly url?: string;
  readonly pid?: number;
  readonly version?: string;
  readonly startedAt?: string;
  readonly stoppedAt?: string;
  readonly objects?: number;
}

/** As systemd's `systemctl status` and init scripts have it: the program is not running. */
const notRunning = 3;
const patienceMs = 3000;

/** `wherry status`: is it running, where, since when. Gives the exit code. */
export async function status(flags: StatusFlags, terminal: Terminal): Promise<number> {
  const found = await statusOf(dataFolder(flags.dataDir));
  terminal.out.write(flags.output === "json" ? `${JSON.stringify(found, undefined, 2)}\n` : described(found, terminal));
  return found.state === "running" ? 0 : notRunning;
}

async function statusOf(dataDir: string): Promise<ServerStatus> {
  const file = await readServerFile(dataDir);
  const storeBytes = await folderBytes(join(dataDir, "store"));
  if (file === undefined) return { state: "never started", dataDir, storeBytes };
  return { ...(await stateOf(file, dataDir)), ...file, dataDir, storeBytes };
}

async function stateOf(file: ServerFile, dataDir: string): Promise<Pick<ServerStatus, "state" | "objects">> {
  if (file.stoppedAt !== undefined) return { state: "stopped" };
  const access = await accessOf(dataDir);
  // Its process number may be another program's by now; only an answer under its certificate is a proof.
  const ready = await askServer(access, "/readyz", patienceMs).catch(() => undefined);
  if (ready?.status === 200) return { state: "running", ...(await objectCount(access)) };
  return { state: ready !== undefined || isAlive(file) ? "starting or stuck" : "killed" };
}

/** From the metrics; left out where they cannot be had. */
async function objectCount(access: ClusterAccess): Promise<{ readonly objects?: number }> {
  const metrics = await askServer(access, "/metrics", patienceMs).catch(() => undefined);
  if (metrics?.status !== 200) return {};
  const counts = [...metrics.text.matchAll(/^apiserver_storage_objects\{[^}]*\} (\d+)$/gm)];
  return { objects: counts.reduce((sum, [, count]) => sum + Number(count), 0) };
}

async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  // LevelDB replaces files at any time.
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function described(found: ServerStatus, { paint }: Terminal): string {
  const { state, url, pid, startedAt, stoppedAt, version, objects, dataDir, storeBytes } = found;
  const holds = `${shownPath(dataDir)} (${(storeBytes / 1e6).toFixed(1)} MB)`;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["wherry", paint.strong(state)],
    ["server", url === undefined ? undefined : state === "running" ? `${url} (pid ${pid ?? ""})` : url],
    ["since", since(state === "stopped" ? stoppedAt : startedAt)],
    ["version", version],
    ["objects", objects?.toString()],
    ["data", holds],
  ];
  const lines = rows.filter(([, value]) => value !== undefined).map(([name, value]) => `${name.padEnd(8)} ${value}\n`);
  const isThere = state === "running" || state === "starting or stuck";
  return isThere ? lines.join("") : `${lines.join("")}\nStart it with \`wherry up\`.\n`;
}

function since(time: string | undefined): string | undefined {
  if (time === undefined) return undefined;
  return `${time.replace("T", " ").replace(/\.\d+Z$/, " UTC")} (${duration(realClock.now() - Date.parse(time))})`;
}

/** `2d3h`, `3h4m`, `4m5s`, `5s`: the two units that matter. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const units = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const;
  const first = units.findIndex(([amount]) => amount > 0);
  if (first < 0) return "0s";
  return units
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join("");
}
