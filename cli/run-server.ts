import { createLogger, levelOf, type Logger } from "../base/log.ts";
import { realClock } from "../base/clock.ts";
import type { Kubeconfig } from "../certs/kubeconfig.ts";
import { createCluster, type Cluster } from "../cluster/create-cluster.ts";
import { versions } from "../cluster/versions.ts";
import { clusterOptions } from "./cluster-options.ts";
import { dataFolder, makeDataFolder, shownPath } from "./data-folder.ts";
import { explainStart } from "./explain-start.ts";
import { interrupted } from "./interrupted.ts";
import { type ServerFile, writeServerFile } from "./server-file.ts";
import type { StartFlags } from "./start-flags.ts";
import type { Terminal } from "./terminal.ts";

/** How a command leaves the administrator's credentials, and what its user types next. */
export interface Credentials {
  /** Where they are, in words. */
  readonly where: string;
  readonly nextCommand: string;
}

export interface RunOptions {
  readonly flags: StartFlags;
  readonly terminal: Terminal;
  readonly command: string;
  readonly leaveCredentials: (kubeconfig: Kubeconfig, dataDir: string) => Promise<Credentials>;
}

/** Runs a server in the foreground until it is told to stop. */
export async function runServer(options: RunOptions): Promise<void> {
  const { flags, terminal } = options;
  const dataDir = dataFolder(flags.dataDir);
  const log = loggerFor(flags, terminal);
  const stop = interrupted(process);
  try {
    await makeDataFolder(dataDir);
    if (flags.unsafeNoFsync === true) log.warn("--unsafe-no-fsync: a power cut loses the latest writes");
    const file = await serve(options, { dataDir, log, signal: stop.signal });
    await writeServerFile(dataDir, { ...file, stoppedAt: timestamp() });
  } finally {
    stop.release();
  }
}

interface Session {
  readonly dataDir: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** From the start to the stop; what it resolves to is what others were told about it. */
async function serve(
  { flags, terminal, command, leaveCredentials }: RunOptions,
  session: Session,
): Promise<ServerFile> {
  const { dataDir, log, signal } = session;
  await using cluster = await start(flags, session);
  const credentials = await leaveCredentials(cluster.kubeconfig, dataDir);
  const file: ServerFile = { url: cluster.url, pid: process.pid, version: versions().wherry, startedAt: timestamp() };
  await writeServerFile(dataDir, file);
  if (flags.logFormat === "json") log.info("ready", { url: cluster.url, dataDir, credentials: credentials.where });
  else terminal.out.write(summary({ cluster, dataDir, credentials, command, nodes: flags.nodes ?? 0, terminal }));
  await aborted(signal);
  log.info("stopping");
  return file;
}

function loggerFor({ logFormat, verbosity }: StartFlags, { err }: Terminal): Logger {
  // A program that reads the logs learns from them when the server is ready; a person is told otherwise.
  const level = levelOf(verbosity ?? (logFormat === "json" ? 1 : 0));
  return createLogger({ level, format: logFormat, destination: err });
}

async function start(flags: StartFlags, { dataDir, log }: Session): Promise<Cluster> {
  try {
    return await createCluster(clusterOptions(flags, dataDir, log));
  } catch (thrown) {
    throw await explainStart(thrown, { dataDir, port: flags.port });
  }
}

const timestamp = (): string => new Date(realClock.now()).toISOString();

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

interface Summary {
  readonly cluster: Cluster;
  readonly dataDir: string;
  readonly credentials: Credentials;
  readonly command: string;
  readonly nodes: number;
  readonly terminal: Terminal;
}

function summary({ cluster, dataDir, credentials, command, nodes, terminal: { paint } }: Summary): string {
  const { wherry, kubernetes } = versions();
  const seconds = (performance.now() / 1000).toFixed(1);
  return `${paint.strong(`Wherry ${wherry} is ready`)} as Kubernetes ${kubernetes}, after ${seconds} s.

  server       ${cluster.url}
  data         ${shownPath(dataDir)}
  credentials  ${credentials.where}
  nodes        ${nodesText(nodes)}

Next:  ${paint.strong(credentials.nextCommand)}

${paint.faint(`Ctrl-C stops it; \`wherry ${command}\` starts it again with everything that it holds.`)}
`;
}

/** Nobody shall take what is simulated for real. */
function nodesText(nodes: number): string {
  if (nodes === 0) return "none: pods wait for one";
  const which = nodes === 1 ? "1, which runs no real containers" : `${nodes}, which run no real containers`;
  return `${which}: they are simulated`;
}
