import type { Command } from "commander";
import type { ServiceAccountOptions } from "../cluster/service-account-keys.ts";
import { boolean, duration, gathered } from "./flag-values.ts";

/** How tokens of service accounts are made and checked. */
export interface ServiceAccountFlags {
  readonly serviceAccountIssuer?: readonly string[];
  readonly serviceAccountKeyFile?: readonly string[];
  readonly serviceAccountSigningKeyFile?: string;
  readonly serviceAccountMaxTokenExpiration?: number;
  /** True for the bare flag. */
  readonly serviceAccountExtendTokenExpiration?: boolean;
  readonly serviceAccountJwksUri?: string;
  readonly apiAudiences?: readonly string[];
  readonly legacyServiceAccountTokenCleanUpPeriod?: number;
}

export function addServiceAccountFlags(command: Command): void {
  command
    .option("--service-account-issuer <url>", "the first issues tokens, all are taken; repeatable", gathered)
    .option("--service-account-signing-key-file <file>", "signs them (default: pki/sa.key of the data folder)")
    .option("--service-account-key-file <file>", "further keys that check them, PEM; repeatable", gathered)
    .option("--api-audiences <names>", "what tokens for this server call it (default: its issuers)", gathered)
    .option("--service-account-max-token-expiration <duration>", "nobody gets a token for longer", duration)
    .option(
      "--service-account-extend-token-expiration [bool]",
      "pods' tokens go on for a year after the hour that they say (default: true)",
      boolean,
    )
    .option("--service-account-jwks-uri <url>", "where others find the keys (default: at this server)")
    .option(
      "--legacy-service-account-token-clean-up-period <duration>",
      "after which unused tokens in secrets go (default: 8760h)",
      duration,
    );
}

export function serviceAccountOptions(flags: ServiceAccountFlags): ServiceAccountOptions {
  const { serviceAccountIssuer: issuers, serviceAccountKeyFile: keyFiles, apiAudiences } = flags;
  const { serviceAccountSigningKeyFile: signingKeyFile, serviceAccountJwksUri: jwksUri } = flags;
  const { serviceAccountMaxTokenExpiration: most, serviceAccountExtendTokenExpiration: extend } = flags;
  const { legacyServiceAccountTokenCleanUpPeriod: legacyTokenCleanUpMs } = flags;
  return {
    ...(issuers === undefined ? {} : { issuers }),
    ...(keyFiles === undefined ? {} : { keyFiles }),
    ...(signingKeyFile === undefined ? {} : { signingKeyFile }),
    ...(apiAudiences === undefined ? {} : { apiAudiences }),
    ...(most === undefined ? {} : { maxTokenExpirationSeconds: Math.floor(most / 1000) }),
    ...(extend === undefined ? {} : { extendTokenExpiration: extend }),
    ...(jwksUri === undefined ? {} : { jwksUri }),
    ...(legacyTokenCleanUpMs === undefined ? {} : { legacyTokenCleanUpMs }),
  };
}
