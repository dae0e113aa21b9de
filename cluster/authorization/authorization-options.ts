import { resolve } from "node:path";
import { realClock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import {
  type AuthorizationConfiguration,
  builtInName,
  builtInTypes,
  webhookDefaults,
  type WebhookConfiguration,
} from "../../auth/authz/configuration/authorization-configuration.ts";
import type { AuthorizationOptions as ServerAuthorization } from "../../server/authorization/create-authorization.ts";
import { OptionError } from "../option-error.ts";
import { readOptionFile } from "../read-option-file.ts";
import { readAuthorizationFile } from "./authorization-file.ts";
import { configuredAuthorizers } from "./configured-authorizers.ts";
import { followFile } from "./follow-file.ts";

/** Who decides what a request may do. A file, or modes and what the webhook among them needs. */
export interface AuthorizationOptions {
  /** In the order in which they are asked: `Node` and `RBAC` when absent. */
  readonly modes?: readonly string[];
  /** In the form of a kubeconfig. */
  readonly webhookConfigFile?: string;
  /** `v1beta1` when absent, or `v1`. */
  readonly webhookVersion?: string;
  /** Milliseconds; 0 keeps nothing. */
  readonly webhookCacheAuthorizedTtl?: number;
  readonly webhookCacheUnauthorizedTtl?: number;
  /** A file of upstream's `AuthorizationConfiguration`, YAML or JSON; read again when it changes. */
  readonly configFile?: string;
}

const usualModes: readonly string[] = ["Node", "RBAC"];
const knownModes: readonly string[] = [...builtInTypes, "Webhook"];
const flag = "--authorization-config";

/** Throws an OptionError. */
export async function authorizationSettings(options: AuthorizationOptions, log: Logger): Promise<ServerAuthorization> {
  const { configFile: file, ...others } = options;
  if (file === undefined) {
    const configuration = configurationOf(others);
    const webhookFlag = "--authorization-webhook-config-file";
    return { authorizers: await named(webhookFlag, () => configuredAuthorizers(configuration)) };
  }
  if (Object.values(others).some((value) => value !== undefined))
    throw new OptionError(
      `${flag} can not be specified when --authorization-mode or --authorization-webhook-* flags are defined`,
    );
  const load = (required: ReadonlySet<string>): Promise<AuthorizationConfiguration> =>
    readOptionFile({ flag, file }, (bytes) => readAuthorizationFile(bytes, required), [OptionError]);
  const first = await load(new Set());
  const kept = new Set(first.authorizers.map(({ type }) => type).filter((type) => type !== "Webhook"));
  return {
    authorizers: await named(`${flag} ${file}`, () => configuredAuthorizers(first)),
    follow: (changed) =>
      followFile(file, {
        clock: realClock,
        async changed() {
          changed(await configuredAuthorizers(await load(kept)));
          log.info("reloaded authz config", { file });
        },
        failed: (error) => log.error("reloading authorization config", { file, error }),
      }),
  };
}

async function named<T>(what: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (thrown) {
    if (thrown instanceof OptionError) throw new OptionError(`${what}: ${thrown.message}`, { cause: thrown });
    throw thrown;
  }
}

/** As if the modes had been written into a file. */
function configurationOf(options: Omit<AuthorizationOptions, "configFile">): AuthorizationConfiguration {
  const { modes = usualModes, webhookConfigFile } = options;
  if (modes.length === 0) throw new OptionError("at least one authorization-mode must be passed");
  for (const mode of modes) requireMode(mode);
  if (modes.includes("Webhook") && webhookConfigFile === undefined)
    throw new OptionError("authorization-mode Webhook's authorization config file not passed");
  if (!modes.includes("Webhook") && webhookConfigFile !== undefined)
    throw new OptionError("cannot specify --authorization-webhook-config-file without mode Webhook");
  if (new Set(modes).size < modes.length)
    throw new OptionError(`authorization-mode ${goList(modes)} has mode specified more than once`);
  return {
    authorizers: modes.map((type) =>
      type === "Webhook" ? { type, name: "default", webhook: webhookOf(options) } : { type, name: builtInName(type) },
    ),
  };
}

function requireMode(mode: string): void {
  if (mode === "ABAC") throw new OptionError("authorization-mode ABAC is not supported by Wherry; use RBAC");
  if (!knownModes.includes(mode))
    throw new OptionError(`authorization-mode ${JSON.stringify(mode)} is not a valid mode`);
}

const second = 1_000_000_000n;

function webhookOf(options: Omit<AuthorizationOptions, "configFile">): WebhookConfiguration {
  const { webhookConfigFile = "", webhookVersion = "v1beta1" } = options;
  if (webhookVersion !== "v1" && webhookVersion !== "v1beta1")
    throw new OptionError(
      `unsupported webhook authorizer version ${JSON.stringify(webhookVersion)}, supported versions are "v1", "v1beta1"`,
    );
  const authorizedTTL = nanos(options.webhookCacheAuthorizedTtl) ?? webhookDefaults.authorizedTTL;
  const unauthorizedTTL = nanos(options.webhookCacheUnauthorizedTtl) ?? webhookDefaults.unauthorizedTTL;
  return {
    ...{ authorizedTTL, unauthorizedTTL },
    cacheAuthorizedRequests: authorizedTTL !== 0n,
    cacheUnauthorizedRequests: unauthorizedTTL !== 0n,
    timeout: 30n * second,
    failurePolicy: "NoOpinion",
    subjectAccessReviewVersion: webhookVersion,
    matchConditionSubjectAccessReviewVersion: "",
    matchConditions: [],
    connectionInfo: { type: "KubeConfigFile", kubeConfigFile: resolve(webhookConfigFile) },
  };
}

function nanos(milliseconds: number | undefined): bigint | undefined {
  return milliseconds === undefined ? undefined : BigInt(Math.round(milliseconds)) * 1_000_000n;
}

function goList(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(" ")}]`;
}
