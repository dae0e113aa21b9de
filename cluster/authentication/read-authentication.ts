import { readAuthorities } from "../../auth/authn/certificates/authorities.ts";
import { AuthenticationConfigurationError } from "../../auth/authn/configuration/authentication-configuration.ts";
import {
  type CompiledConfiguration,
  compileConfiguration,
} from "../../auth/authn/configuration/compile-configuration.ts";
import { readAuthenticationConfiguration } from "../../auth/authn/configuration/read-configuration.ts";
import { CsvError } from "../../auth/authn/csv.ts";
import { readStaticTokens, type StaticToken, TokenFileError } from "../../auth/authn/static-tokens.ts";
import { reviewVersions } from "../../auth/authn/webhook/token-review.ts";
import type { Logger } from "../../base/log.ts";
import { readWebhookConfig, WebhookConfigError } from "../../server/webhook/webhook-config.ts";
import type { TokenWebhookOptions } from "../../server/authentication/authentication-options.ts";
import type { ReadFile } from "../changing-file.ts";
import { OptionError } from "../option-error.ts";
import { readOptionFile } from "../read-option-file.ts";
import type { AuthenticationChoices, TokenWebhookChoices } from "./authentication-choices.ts";
import { readOidcFlags } from "./oidc-choices.ts";

/** What was chosen, read and found to make sense. */
export interface ReadAuthentication {
  readonly choices: AuthenticationChoices;
  readonly clientAuthorities: ReadFile<string> | undefined;
  readonly proxyAuthorities: ReadFile<string> | undefined;
  readonly staticTokens: readonly StaticToken[];
  /** A file's, which may change. */
  readonly configuration: ReadFile<CompiledConfiguration> | undefined;
  /** Of the flags for one issuer. */
  readonly flags: { readonly configuration: CompiledConfiguration; readonly algorithms: readonly string[] } | undefined;
  readonly webhook: TokenWebhookOptions | undefined;
}

/** Throws an OptionError: before anything is started. `issuers`: of this server's own tokens. */
export async function readAuthentication(
  choices: AuthenticationChoices,
  { issuers, log }: { readonly issuers: readonly string[]; readonly log: Logger },
): Promise<ReadAuthentication> {
  const { clientCaFile, tokenAuthFile, requestHeader = {}, oidc = {}, configFile, webhook = {} } = choices;
  if (configFile !== undefined && Object.keys(oidc).length > 0)
    throw new OptionError("authentication-config file and oidc-* flags are mutually exclusive");
  const configuration = configFile === undefined ? undefined : await readConfiguration(configFile, issuers);
  if (configuration?.value.anonymous !== undefined && choices.anonymousAuth !== undefined)
    throw new OptionError(
      "anonymous: Forbidden: --anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file",
    );
  return {
    choices,
    clientAuthorities: await readBundle("--client-ca-file", clientCaFile),
    proxyAuthorities: await readBundle("--requestheader-client-ca-file", requestHeader.clientCaFile),
    staticTokens: tokenAuthFile === undefined ? [] : await readTokens(tokenAuthFile, log),
    configuration,
    flags: await readOidcFlags(oidc, issuers),
    webhook: await readWebhook(webhook),
  };
}

async function readBundle(flag: string, file: string | undefined): Promise<ReadFile<string> | undefined> {
  if (file === undefined) return undefined;
  const parse = (bytes: Uint8Array): string => {
    const pem = Buffer.from(bytes).toString();
    try {
      readAuthorities(pem);
    } catch (thrown) {
      throw new OptionError(thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
    }
    return pem.endsWith("\n") ? pem : `${pem}\n`;
  };
  return readAgain({ flag, file }, parse, [OptionError]);
}

function readConfiguration(file: string, issuers: readonly string[]): Promise<ReadFile<CompiledConfiguration>> {
  let first: string | undefined;
  const parse = async (bytes: Uint8Array): Promise<CompiledConfiguration> => {
    const compiled = compileConfiguration(await readAuthenticationConfiguration(bytes), issuers);
    const anonymous = JSON.stringify(compiled.anonymous ?? null);
    first ??= anonymous;
    if (anonymous !== first)
      throw new AuthenticationConfigurationError("anonymous: Forbidden: changed from initial configuration file");
    return compiled;
  };
  return readAgain({ flag: "--authentication-config", file }, parse, [AuthenticationConfigurationError]);
}

/** The first time of what may be read again. */
async function readAgain<T>(
  named: { readonly flag: string; readonly file: string },
  parse: (bytes: Uint8Array) => T | Promise<T>,
  refusals: Parameters<typeof readOptionFile>[2],
): Promise<ReadFile<T>> {
  const first = async (bytes: Uint8Array): Promise<ReadFile<T>> => ({
    ...named,
    bytes,
    value: await parse(bytes),
    parse,
  });
  return readOptionFile(named, first, refusals);
}

function readTokens(file: string, log: Logger): Promise<readonly StaticToken[]> {
  const warn = (what: string): void => log.warn("the token file has a line that does not count", { file, what });
  const parse = (bytes: Uint8Array): readonly StaticToken[] => readStaticTokens(Buffer.from(bytes).toString(), warn);
  return readOptionFile({ flag: "--token-auth-file", file }, parse, [CsvError, TokenFileError]);
}

const usualCacheMs = 120_000;

async function readWebhook(choices: TokenWebhookChoices): Promise<TokenWebhookOptions | undefined> {
  const { configFile: file, cacheTtl: cacheMs = usualCacheMs, version: asked = "v1beta1" } = choices;
  if (file === undefined) return undefined;
  const version = reviewVersions.find((known) => known === asked);
  if (version === undefined)
    throw new OptionError(
      `--authentication-token-webhook-version: unsupported authentication webhook version ${JSON.stringify(asked)}, supported versions are "v1", "v1beta1"`,
    );
  const flag = "--authentication-token-webhook-config-file";
  const server = await readOptionFile({ flag, file }, () => readWebhookConfig(file), [WebhookConfigError]);
  const { url, caPem, serverName, insecure, client, authorization } = server;
  if (url.protocol !== "https:") throw new OptionError(`${flag} ${file}: ${url.href} is no https URL`);
  const caBundle = caPem === undefined ? {} : { caBundle: Buffer.from(caPem).toString("base64") };
  return {
    target: { url: url.href, ...caBundle, serverName, insecure, client, authorization },
    version,
    cacheMs,
  };
}
