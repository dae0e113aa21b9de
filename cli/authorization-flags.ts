import type { Command } from "commander";
import type { AuthorizationOptions } from "../cluster/authorization/authorization-options.ts";
import { duration, list } from "./flag-values.ts";

/** Who decides what a request may do; with kube-apiserver's names. */
export interface AuthorizationFlags {
  readonly authorizationMode?: readonly string[];
  readonly authorizationConfig?: string;
  readonly authorizationWebhookConfigFile?: string;
  readonly authorizationWebhookVersion?: string;
  /** Milliseconds. */
  readonly authorizationWebhookCacheAuthorizedTtl?: number;
  readonly authorizationWebhookCacheUnauthorizedTtl?: number;
}

export function addAuthorizationFlags(command: Command): void {
  command
    .option("--authorization-mode <names>", "who decides, in this order (default: Node,RBAC)", list)
    .option("--authorization-config <file>", "AuthorizationConfiguration: the same, with webhooks; YAML or JSON")
    .option("--authorization-webhook-config-file <file>", "kubeconfig of the server that mode Webhook asks")
    .option("--authorization-webhook-version <version>", "of the reviews it is sent, v1 or v1beta1 (default: v1beta1)")
    .option(
      "--authorization-webhook-cache-authorized-ttl <duration>",
      "how long what it allowed is remembered (default: 5m0s)",
      duration,
    )
    .option(
      "--authorization-webhook-cache-unauthorized-ttl <duration>",
      "how long what it did not allow is remembered (default: 30s)",
      duration,
    );
}

export function authorizationOptions(flags: AuthorizationFlags): AuthorizationOptions {
  const { authorizationMode: modes, authorizationConfig: configFile } = flags;
  const { authorizationWebhookConfigFile: webhookConfigFile, authorizationWebhookVersion: webhookVersion } = flags;
  const { authorizationWebhookCacheAuthorizedTtl: webhookCacheAuthorizedTtl } = flags;
  const { authorizationWebhookCacheUnauthorizedTtl: webhookCacheUnauthorizedTtl } = flags;
  return {
    ...(modes === undefined ? {} : { modes }),
    ...(configFile === undefined ? {} : { configFile }),
    ...(webhookConfigFile === undefined ? {} : { webhookConfigFile }),
    ...(webhookVersion === undefined ? {} : { webhookVersion }),
    ...(webhookCacheAuthorizedTtl === undefined ? {} : { webhookCacheAuthorizedTtl }),
    ...(webhookCacheUnauthorizedTtl === undefined ? {} : { webhookCacheUnauthorizedTtl }),
  };
}
