import { defaultKubeconfigName, kubeconfigOf, userKubeconfigFile } from "../certs/kubeconfig.ts";
import { kubeconfigText } from "../certs/merge-kubeconfig.ts";
import { writeKubeconfig } from "../certs/write-kubeconfig.ts";
import { accessOf } from "./cluster-access.ts";
import { dataFolder, shownPath } from "./data-folder.ts";
import type { Terminal } from "./terminal.ts";

export interface KubeconfigFlags {
  readonly dataDir?: string;
  readonly merge?: boolean;
}

/** `wherry kubeconfig`: the administrator's credentials of a cluster, whether it runs or not. */
export async function kubeconfig({ dataDir, merge }: KubeconfigFlags, { out }: Terminal): Promise<void> {
  const { server, caPem, client } = await accessOf(dataFolder(dataDir));
  const config = kubeconfigOf({ server: server.url, caPem, client });
  if (merge !== true) {
    out.write(kubeconfigText(config));
    return;
  }
  const { file, backup } = await writeKubeconfig(userKubeconfigFile(), config);
  const before = backup === undefined ? "" : ` (the file as it was: ${shownPath(backup)})`;
  out.write(`${shownPath(file)} has the context "${defaultKubeconfigName}" for ${server.url}${before}\n`);
}
