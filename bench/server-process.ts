import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import type { Target } from "./http2-client.ts";
import { type Usage, usageOf } from "./usage.ts";

const command = fileURLToPath(new URL("../dist/wherry.js", import.meta.url));

export interface ServerOptions {
  readonly folder: string;
  /** To fill a store fast; never while something is measured. */
  readonly unsafeNoFsync?: boolean;
  /** With all controllers, as users run it. Else nothing acts on what is made: a server alone is measured. */
  readonly whole?: boolean;
  /** Further flags of the command. */
  readonly flags?: readonly string[];
}

/** The built command in a process of its own: what users run is what is measured. */
export class ServerProcess implements AsyncDisposable {
  readonly target: Target;
  /** From the start of the process to its announcement that it is ready. */
  readonly readyMs: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, target: Target, readyMs: number) {
    this.#child = child;
    this.target = target;
    this.readyMs = readyMs;
  }

  static async start({
    folder,
    unsafeNoFsync = false,
    whole = false,
    flags: more = [],
  }: ServerOptions): Promise<ServerProcess> {
    const kubeconfig = join(folder, "bench.kubeconfig");
    const flags = ["--data-dir", folder, "--port", "0", "--kubeconfig", kubeconfig, "--log-format", "json", ...more];
    if (unsafeNoFsync) flags.push("--unsafe-no-fsync");
    // One has to be named; this one looks at nodes alone, of which there are none.
    if (!whole) flags.push("--controllers", "ttl-controller");
    const started = performance.now();
    const child = spawn(process.execPath, [command, "server", ...flags], { stdio: ["ignore", "ignore", "pipe"] });
    await ready(child);
    const readyMs = performance.now() - started;
    return new ServerProcess(child, targetOf(parse(await readFile(kubeconfig, "utf8"))), readyMs);
  }

  usage(): Promise<Usage> {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error("the server has no process");
    return usageOf(pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await exited;
  }
}

/** With `--log-format json` a line on standard error says when the server is ready. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr?.on("data", (piece: Buffer) => {
      // Warnings that come later are read, and dropped, so that the pipe never fills.
      if (said.length > 65_536) return;
      said += piece.toString();
      if (said.includes('"msg":"ready"')) resolve();
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`the server ended before it was ready: ${said}`)));
  });
}

/** What of a kubeconfig a client needs. */
export interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly "certificate-authority-data": string };
  }[];
  readonly users: readonly {
    readonly user: { readonly "client-certificate-data": string; readonly "client-key-data": string };
  }[];
}

export function targetOf({ clusters, users }: Kubeconfig): Target {
  const [cluster, user] = [clusters[0]?.cluster, users[0]?.user];
  if (cluster === undefined || user === undefined) throw new Error("the kubeconfig is empty");
  const plain = (base64: string): string => Buffer.from(base64, "base64").toString();
  return {
    url: cluster.server,
    ca: plain(cluster["certificate-authority-data"]),
    cert: plain(user["client-certificate-data"]),
    key: plain(user["client-key-data"]),
  };
}
