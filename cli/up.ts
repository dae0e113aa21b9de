import { resolve } from "node:path";
import { defaultKubeconfigName, userKubeconfigFile, type Kubeconfig } from "../certs/kubeconfig.ts";
import { writeKubeconfig } from "../certs/write-kubeconfig.ts";
import { shownPath } from "./data-folder.ts";
import { kubectlWith } from "./next-command.ts";
import { runServer, type Credentials } from "./run-server.ts";
import type { StartFlags } from "./start-flags.ts";
import type { Terminal } from "./terminal.ts";

/** `wherry up`: the server, and a kubectl that finds it. */
export async function up(flags: StartFlags, terminal: Terminal): Promise<void> {
  const named = flags.kubeconfig === undefined ? undefined : resolve(flags.kubeconfig);
  await runServer({
    flags,
    terminal,
    command: "up",
    leaveCredentials: (kubeconfig) => mergeCredentials(kubeconfig, named),
  });
}

async function mergeCredentials(kubeconfig: Kubeconfig, named: string | undefined): Promise<Credentials> {
  const { file, backup } = await writeKubeconfig(named ?? userKubeconfigFile(), kubeconfig);
  const before = backup === undefined ? "" : `; the file as it was: ${shownPath(backup)}`;
  return {
    where: `${shownPath(file)} (context "${defaultKubeconfigName}"${before})`,
    nextCommand: named === undefined ? "kubectl get namespaces" : kubectlWith(file),
  };
}
