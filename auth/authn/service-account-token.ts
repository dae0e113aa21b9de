import type { UserInfo } from "../../api/wire.ts";
import type { VerificationKey } from "../tokens/account-key.ts";
import { accountUser } from "../tokens/account-user.ts";
import { type BoundTokenDeps, judgeBoundToken, type JudgedToken } from "../tokens/bound-token.ts";
import { judgeLegacyToken, type LegacyTokenDeps } from "../tokens/legacy-token.ts";
import { legacyIssuer } from "../tokens/token-signer.ts";
import { createTokenVerifier, type VerifiedClaims } from "../tokens/token-verifier.ts";
import { type TokenAuthenticator, TokenError, type TokenIdentity } from "./token-authenticator.ts";

interface AccountTokenOptions {
  readonly keys: readonly VerificationKey[];
  /** This server's own: those of a token that names none. */
  readonly audiences: readonly string[];
}

interface BoundOptions extends AccountTokenOptions, BoundTokenDeps {
  /** Whose tokens are taken. */
  readonly issuers: readonly string[];
}

/**
 * Signed tokens of service accounts, asked for by TokenRequest; each time, what they are bound to must be there.
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
 */
export function serviceAccountToken(options: BoundOptions): TokenAuthenticator {
  return accountTokens(options, (_, claims) => judgeBoundToken(claims, options));
}

/**
 * Those that live in Secrets of the type `kubernetes.io/service-account-token`.
 * https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets
 */
export function legacyServiceAccountToken(options: AccountTokenOptions & LegacyTokenDeps): TokenAuthenticator {
  const issuers = [legacyIssuer];
  return accountTokens({ ...options, issuers }, (token, claims) => judgeLegacyToken(token, claims, options));
}

function accountTokens(
  options: AccountTokenOptions & { readonly issuers: readonly string[] },
  judge: (token: string, claims: VerifiedClaims) => Promise<JudgedToken>,
): TokenAuthenticator {
  const verify = createTokenVerifier(options);
  /** The same object for the same token: others remember by it what it may do. */
  const users = new WeakMap<VerifiedClaims, UserInfo>();
  return (token, asked) => {
    const verified = verify(token);
    if (verified === undefined) return undefined;
    const identify = async (claims: VerifiedClaims): Promise<TokenIdentity> => {
      const audiences = commonAudiences(claims, asked, options.audiences);
      const judged = await judge(token, claims);
      const user = users.get(claims) ?? accountUser(judged.account);
      users.set(claims, user);
      return { ...tellings(judged, claims), user, audiences };
    };
    return verified instanceof Promise ? verified.then((claims) => claims && identify(claims)) : identify(verified);
  };
}

/** Throws TokenError when the token is for none of those who ask. */
function commonAudiences({ aud }: VerifiedClaims, asked: readonly string[], own: readonly string[]): readonly string[] {
  const named =
    typeof aud === "string" ? [aud] : Array.isArray(aud) ? aud.filter((one) => typeof one === "string") : [];
  const audiences: readonly string[] = named.length === 0 ? own : named;
  const common = audiences.filter((audience) => asked.includes(audience));
  if (common.length === 0 && own.length > 0)
    throw new TokenError(`token audiences ${quoted(audiences)} is invalid for the target audiences ${quoted(asked)}`);
  return common;
}

function tellings(
  { annotations, warning }: JudgedToken,
  { exp }: VerifiedClaims,
): Omit<TokenIdentity, "user" | "audiences"> {
  return {
    ...(typeof exp === "number" ? { expiresAt: exp * 1000 } : {}),
    ...(annotations === undefined ? {} : { annotations }),
    ...(warning === undefined ? {} : { warning }),
  };
}

function quoted(list: readonly string[]): string {
  return `[${list.map((one) => JSON.stringify(one)).join(" ")}]`;
}
