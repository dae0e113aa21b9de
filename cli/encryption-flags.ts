import type { Command } from "commander";
import type { EncryptionOptions } from "../cluster/encryption-options.ts";
import { boolean } from "./flag-values.ts";

/** How values are stored; with kube-apiserver's names, and one that is shorter. */
export interface EncryptionFlags {
  readonly encryptionProviderConfig?: string;
  readonly encryptionConfig?: string;
  readonly encryptionProviderConfigAutomaticReload?: boolean;
}

export function addEncryptionFlags(command: Command): void {
  command
    .option(
      "--encryption-provider-config <file>",
      "EncryptionConfiguration: which objects are stored encrypted, and how",
    )
    .option("--encryption-config <file>", "the same")
    .option("--encryption-provider-config-automatic-reload [bool]", "read it again when it changes", boolean);
}

export function encryptionOptions(flags: EncryptionFlags): EncryptionOptions {
  const { encryptionProviderConfig: long, encryptionConfig: short } = flags;
  const { encryptionProviderConfigAutomaticReload: automaticReload } = flags;
  const configFile = long ?? short;
  return {
    ...(configFile === undefined ? {} : { configFile }),
    ...(automaticReload === undefined ? {} : { automaticReload }),
  };
}
