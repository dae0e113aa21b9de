import type { Command } from "commander";
import type { AuthenticationChoices } from "../cluster/authentication/authentication-choices.ts";
import { boolean, duration, gathered } from "./flag-values.ts";

/** How callers may show who they are; with kube-apiserver's names. */
export interface AuthenticationFlags {
  readonly anonymousAuth?: boolean;
  readonly clientCaFile?: string;
  readonly tokenAuthFile?: string;
  readonly authenticationConfig?: string;
  readonly requestheaderClientCaFile?: string;
  readonly requestheaderAllowedNames?: readonly string[];
  readonly requestheaderUsernameHeaders?: readonly string[];
  readonly requestheaderUidHeaders?: readonly string[];
  readonly requestheaderGroupHeaders?: readonly string[];
  readonly requestheaderExtraHeadersPrefix?: readonly string[];
  readonly oidcIssuerUrl?: string;
  readonly oidcClientId?: string;
  readonly oidcCaFile?: string;
  readonly oidcUsernameClaim?: string;
  readonly oidcUsernamePrefix?: string;
  readonly oidcGroupsClaim?: string;
  readonly oidcGroupsPrefix?: string;
  readonly oidcRequiredClaim?: readonly string[];
  readonly oidcSigningAlgs?: readonly string[];
  readonly authenticationTokenWebhookConfigFile?: string;
  /** Milliseconds. */
  readonly authenticationTokenWebhookCacheTtl?: number;
  readonly authenticationTokenWebhookVersion?: string;
}

export function addAuthenticationFlags(command: Command): void {
  command
    .option("--anonymous-auth [bool]", "answer requests without credentials (default: true)", boolean)
    .option("--client-ca-file <file>", "further authorities of client certificates; PEM")
    .option("--token-auth-file <file>", 'lines of token,user,uid,"group1,group2"')
    .option(
      "--authentication-config <file>",
      "AuthenticationConfiguration: issuers of JWTs, anonymous paths; YAML or JSON",
    )
    .option("--authentication-token-webhook-config-file <file>", "kubeconfig of a server that knows tokens")
    .option(
      "--authentication-token-webhook-cache-ttl <duration>",
      "for which its answers are remembered (default: 2m0s)",
      duration,
    )
    .option("--authentication-token-webhook-version <version>", "of TokenReview: v1 or v1beta1 (default: v1beta1)");
  addOidcFlags(command);
  addRequestHeaderFlags(command);
}

function addOidcFlags(command: Command): void {
  command
    .option("--oidc-issuer-url <url>", "an issuer of OpenID Connect tokens")
    .option("--oidc-client-id <id>", "for whom its tokens must be")
    .option("--oidc-ca-file <file>", "authorities of its certificate; PEM")
    .option("--oidc-username-claim <claim>", "claim with the user's name (default: sub)")
    .option("--oidc-username-prefix <prefix>", "before it; - for none (default: the issuer and #)")
    .option("--oidc-groups-claim <claim>", "claim with the user's groups")
    .option("--oidc-groups-prefix <prefix>", "before each of them")
    .option("--oidc-required-claim <claim=value>", "what tokens must say; repeatable", oneMore)
    .option("--oidc-signing-algs <names>", "of their signatures (default: RS256)", gathered);
}

/** A value may have commas. */
function oneMore(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

function addRequestHeaderFlags(command: Command): void {
  command
    .option("--requestheader-client-ca-file <file>", "further authorities of proxies that say who the user is; PEM")
    .option("--requestheader-allowed-names <names>", "names of their certificates (default: any)", gathered)
    .option("--requestheader-username-headers <names>", "headers with the user (default: X-Remote-User)", gathered)
    .option("--requestheader-uid-headers <names>", "headers with its uid (default: X-Remote-Uid)", gathered)
    .option("--requestheader-group-headers <names>", "headers with its groups (default: X-Remote-Group)", gathered)
    .option(
      "--requestheader-extra-headers-prefix <prefixes>",
      "beginnings of headers with its extras (default: X-Remote-Extra-)",
      gathered,
    );
}

export function authenticationChoices(flags: AuthenticationFlags): AuthenticationChoices {
  return {
    ...present({
      anonymousAuth: flags.anonymousAuth,
      clientCaFile: flags.clientCaFile,
      tokenAuthFile: flags.tokenAuthFile,
      configFile: flags.authenticationConfig,
    }),
    requestHeader: present({
      clientCaFile: flags.requestheaderClientCaFile,
      allowedNames: flags.requestheaderAllowedNames,
      usernameHeaders: flags.requestheaderUsernameHeaders,
      uidHeaders: flags.requestheaderUidHeaders,
      groupHeaders: flags.requestheaderGroupHeaders,
      extraHeadersPrefix: flags.requestheaderExtraHeadersPrefix,
    }),
    oidc: present({
      issuerUrl: flags.oidcIssuerUrl,
      clientId: flags.oidcClientId,
      caFile: flags.oidcCaFile,
      usernameClaim: flags.oidcUsernameClaim,
      usernamePrefix: flags.oidcUsernamePrefix,
      groupsClaim: flags.oidcGroupsClaim,
      groupsPrefix: flags.oidcGroupsPrefix,
      requiredClaims: flags.oidcRequiredClaim,
      signingAlgs: flags.oidcSigningAlgs,
    }),
    webhook: present({
      configFile: flags.authenticationTokenWebhookConfigFile,
      cacheTtl: flags.authenticationTokenWebhookCacheTtl,
      version: flags.authenticationTokenWebhookVersion,
    }),
  };
}

type Present<T> = { readonly [Name in keyof T]?: Exclude<T[Name], undefined> };

/** Without what was not given. */
function present<T extends object>(values: T): Present<T> {
  // What is left of each member is what its type says.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>;
}
