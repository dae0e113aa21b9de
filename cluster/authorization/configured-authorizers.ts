import { stat } from "node:fs/promises";
import { describeFieldError } from "../../api/machinery/field-error.ts";
import { bad } from "../../api/machinery/findings.ts";
import {
  type AuthorizationConfiguration,
  builtInTypes,
  type WebhookConfiguration,
} from "../../auth/authz/configuration/authorization-configuration.ts";
import { compileCondition, conditionEnvironment } from "../../auth/authz/webhook/match-conditions.ts";
import { readWebhookConfig, WebhookConfigError } from "../../server/webhook/webhook-config.ts";
import type { ConfiguredAuthorizer } from "../../server/authorization/create-authorization.ts";
import type { WebhookTarget } from "../../server/webhook/webhook.ts";
import { OptionError } from "../option-error.ts";

/** From a valid configuration, with what its files say. Throws an OptionError for one that cannot be read. */
export async function configuredAuthorizers({
  authorizers,
}: AuthorizationConfiguration): Promise<readonly ConfiguredAuthorizer[]> {
  return Promise.all(
    authorizers.map(async ({ type, name, webhook }, index): Promise<ConfiguredAuthorizer> => {
      if (webhook !== undefined)
        return configuredWebhook(name, webhook, `authorizers[${index}].connectionInfo.kubeConfigFile`);
      const builtIn = builtInTypes.find((known) => known === type);
      if (builtIn === undefined) throw new OptionError(`unknown authorization mode ${type} specified`);
      return { type: builtIn };
    }),
  );
}

async function configuredWebhook(
  name: string,
  webhook: WebhookConfiguration,
  path: string,
): Promise<ConfiguredAuthorizer> {
  const environment = conditionEnvironment();
  const { subjectAccessReviewVersion, failurePolicy, connectionInfo } = webhook;
  return {
    type: "Webhook",
    options: {
      name,
      version: subjectAccessReviewVersion === "v1" ? "v1" : "v1beta1",
      authorizedTtl: webhook.cacheAuthorizedRequests ? milliseconds(webhook.authorizedTTL) : 0,
      unauthorizedTtl: webhook.cacheUnauthorizedRequests ? milliseconds(webhook.unauthorizedTTL) : 0,
      failurePolicy: failurePolicy === "Deny" ? "Deny" : "NoOpinion",
      conditions: webhook.matchConditions.map(({ expression }) => compileCondition(environment, expression)),
    },
    target: await targetOf(connectionInfo.kubeConfigFile ?? "", path),
    timeoutMs: milliseconds(webhook.timeout),
  };
}

async function targetOf(file: string, path: string): Promise<WebhookTarget> {
  const refused = (why: string, cause?: unknown): OptionError =>
    new OptionError(`${path}: ${describeFieldError(bad(path, file, why))}`, { cause });
  try {
    if (!(await stat(file)).isFile()) throw refused("must be a regular file");
    const { url, caPem, serverName, insecure, client, authorization } = await readWebhookConfig(file);
    if (url.protocol !== "https:") throw refused("its server must be an https:// URL");
    const caBundle = caPem === undefined ? {} : { caBundle: Buffer.from(caPem).toString("base64") };
    return { url: url.href, serverName, insecure, client, authorization, ...caBundle };
  } catch (thrown) {
    if (thrown instanceof WebhookConfigError) throw refused(`error loading file: ${thrown.message}`, thrown);
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === undefined) throw thrown;
    throw refused(`error loading file: ${code === "ENOENT" ? "no such file or directory" : code}`, thrown);
  }
}

function milliseconds(nanos: bigint): number {
  return Number(nanos / 1_000_000n);
}
