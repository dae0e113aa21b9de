import type { UserInfo } from "../../../api/wire.ts";
import type { Clock } from "../../../base/clock.ts";
import type { CompiledJwt } from "../configuration/compile-configuration.ts";
import { TokenError } from "../token-authenticator.ts";
import type { Provider } from "./provider.ts";
import { readToken } from "./token-claims.ts";
import { userOfClaims } from "./user-of-claims.ts";
import { verifyClaims } from "./verify-claims.ts";

/** Those whose keys can be public: https://www.rfc-editor.org/rfc/rfc7518#section-3.1 */
export const signingAlgorithms: readonly string[] = [
  ...["ES256", "ES384", "ES512"],
  ...["PS256", "PS384", "PS512"],
  ...["RS256", "RS384", "RS512"],
];

export interface VerifiedUser {
  readonly user: UserInfo;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

interface JwtParts {
  readonly provider: Provider;
  readonly algorithms: readonly string[];
  /** The cluster's time. */
  readonly clock: Clock;
}

/** Undefined for a token that is none of the issuer's. */
export function jwtAuthenticator(
  jwt: CompiledJwt,
  { provider, algorithms, clock }: JwtParts,
): (token: string) => Promise<VerifiedUser | undefined> {
  return async (token) => {
    const read = readToken(token);
    if (read === undefined || issuerOf(read.claims["iss"]) !== jwt.issuer.url) return undefined;
    const keys = provider.keys();
    const expiresAt = verifyClaims(read.claims, jwt.issuer.audiences, clock.now());
    if (!algorithms.includes(read.algorithm))
      throw new TokenError(
        `oidc: verify token: oidc: id token signed with unsupported algorithm, expected [${algorithms.map((one) => JSON.stringify(one)).join(" ")}] got ${JSON.stringify(read.algorithm)}`,
      );
    try {
      await keys.verify(token, algorithms);
    } catch (thrown) {
      throw new TokenError(`oidc: verify token: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
    return { user: userOfClaims(read.claims, jwt), expiresAt };
  };
}

/** Google's tokens leave the scheme out. */
function issuerOf(claim: unknown): unknown {
  return claim === "accounts.google.com" ? "https://accounts.google.com" : claim;
}
