import { join, resolve } from "node:path";
import { writeKubeconfig } from "../certs/write-kubeconfig.ts";
import { shownPath } from "./data-folder.ts";
import { kubectlWith } from "./next-command.ts";
import { runServer } from "./run-server.ts";
import type { StartFlags } from "./start-flags.ts";
import type { Terminal } from "./terminal.ts";

/** `wherry server`: the server alone; the user's kubeconfig stays as it is. */
export async function server(flags: StartFlags, terminal: Terminal): Promise<void> {
  await runServer({
    flags,
    terminal,
    command: "server",
    async leaveCredentials(kubeconfig, dataDir) {
      const { file } = await writeKubeconfig(
        resolve(flags.kubeconfig ?? join(dataDir, "admin.kubeconfig")),
        kubeconfig,
      );
      return { where: shownPath(file), nextCommand: kubectlWith(file) };
    },
  });
}
