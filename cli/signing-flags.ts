import type { Command } from "commander";
import type { SigningOptions } from "../cluster/certificate-signing.ts";
import { timeout } from "./flag-values.ts";

/** Of certificates that the API hands out. */
export interface SigningFlags {
  readonly clusterSigningCertFile?: string;
  readonly clusterSigningKeyFile?: string;
  /** Milliseconds. */
  readonly clusterSigningDuration?: number;
}

export function addSigningFlags(command: Command): void {
  command
    .option("--cluster-signing-cert-file <file>", "the authority that signs them, PEM (default: the cluster's own)")
    .option("--cluster-signing-key-file <file>", "its key, PEM")
    .option("--cluster-signing-duration <duration>", "the longest that they are good (default: 8760h)", timeout);
}

export function signingOptions({
  clusterSigningCertFile: certFile,
  clusterSigningKeyFile: keyFile,
  clusterSigningDuration: duration,
}: SigningFlags): SigningOptions {
  return {
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
    ...(duration === undefined ? {} : { duration }),
  };
}
