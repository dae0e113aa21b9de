import type { SigningKey } from "./account-key.ts";
import type { BoundClaims, LegacyClaims } from "./claims.ts";

/** Makes a token of these claims; the issuer is added. */
export type TokenSigner = (claims: BoundClaims | LegacyClaims) => Promise<string>;

/** Tokens that live in Secrets have always been issued under this name. */
export const legacyIssuer = "kubernetes/serviceaccount";

export function createTokenSigner(issuer: string, { privateKey, verification }: SigningKey): TokenSigner {
  return async (claims) => {
    // Loaded with the first token: nobody waits for it at the start.
    const { CompactSign } = await import("jose/jws/compact/sign");
    const payload = Buffer.from(JSON.stringify({ ...claims, iss: issuer }));
    return new CompactSign(payload)
      .setProtectedHeader({ alg: verification.algorithm, kid: verification.id })
      .sign(privateKey);
  };
}
