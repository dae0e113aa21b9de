import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Credential } from "../certs/credential.ts";
import { shownPath } from "./data-folder.ts";
import { readServerFile, type ServerFile } from "./server-file.ts";
import { UserError } from "./user-error.ts";

export interface ClusterAccess {
  readonly server: ServerFile;
  readonly caPem: string;
  /** The administrator's. */
  readonly client: Credential;
}

/** How to reach the cluster of a data folder, whether it runs or not. */
export async function accessOf(dataDir: string): Promise<ClusterAccess> {
  const server = await readServerFile(dataDir);
  if (server === undefined) {
    throw new UserError(
      `no cluster was started in ${shownPath(dataDir)} yet; start one with \`wherry up\`, or name its --data-dir`,
    );
  }
  const pem = (name: string): Promise<string> => readFile(join(dataDir, "pki", name), "utf8");
  const [caPem, certPem, keyPem] = await Promise.all([pem("ca.crt"), pem("admin.crt"), pem("admin.key")]);
  return { server, caPem, client: { certPem, keyPem } };
}
