import type { AuthenticationConfiguration } from "../configuration/authentication-configuration.ts";

/** Upstream's `--oidc-…` flags: one issuer, said shorter than by a configuration. */
export interface OidcFlags {
  readonly issuerUrl: string;
  readonly clientId: string;
  /** PEM; "" for the authorities that the machine knows. */
  readonly certificateAuthority: string;
  /** `sub` when absent. */
  readonly usernameClaim?: string;
  /** "-" for none; when absent the issuer and a hash, but for e-mail addresses. */
  readonly usernamePrefix?: string;
  readonly groupsClaim?: string;
  readonly groupsPrefix?: string;
  readonly requiredClaims?: ReadonlyMap<string, string>;
}

export function configurationOfFlags(flags: OidcFlags): AuthenticationConfiguration {
  const { issuerUrl, usernameClaim = "sub", groupsClaim = "", groupsPrefix = "", requiredClaims = new Map() } = flags;
  const none = { claim: "", expression: "", prefix: undefined };
  return {
    jwt: [
      {
        issuer: {
          url: issuerUrl,
          discoveryURL: "",
          certificateAuthority: flags.certificateAuthority,
          audiences: [flags.clientId],
          audienceMatchPolicy: "",
          egressSelectorType: "",
        },
        claimMappings: {
          username: { claim: usernameClaim, expression: "", prefix: usernamePrefix(flags, usernameClaim) },
          groups: groupsClaim === "" ? none : { claim: groupsClaim, expression: "", prefix: groupsPrefix },
          uid: none,
          extra: [],
        },
        claimValidationRules: [...requiredClaims].map(([claim, requiredValue]) => ({
          claim,
          requiredValue,
          expression: "",
          message: "",
        })),
        userValidationRules: [],
      },
    ],
    anonymous: undefined,
  };
}

function usernamePrefix({ issuerUrl, usernamePrefix: prefix = "" }: OidcFlags, claim: string): string {
  if (prefix === "-") return "";
  return prefix === "" && claim !== "email" ? `${issuerUrl}#` : prefix;
}
