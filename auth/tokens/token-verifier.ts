import { createHash } from "node:crypto";
import { isObject } from "../../api/machinery/members.ts";
import { TokenError } from "../authn/token-authenticator.ts";
import type { VerificationKey } from "./account-key.ts";

/** What a token says whose signature is good. */
export type VerifiedClaims = Readonly<Record<string, unknown>>;

/** Undefined: it is no token of these issuers. Throws TokenError for one that says it is, and is not signed by these keys. */
export type TokenVerifier = (token: string) => Promise<VerifiedClaims | undefined> | VerifiedClaims | undefined;

export interface TokenVerifierOptions {
  readonly issuers: readonly string[];
  readonly keys: readonly VerificationKey[];
}

/** What longer tokens say is not looked at. */
const longestToken = 65_536;
/** Signatures that are known to be good; to check one takes longer than all the rest of a request. */
const mostKnown = 4096;

/**
 * Remembers good signatures (by the token's digest, never the token), and nothing else: whether the token still counts is
 * for others to find out, each time.
 */
export function createTokenVerifier({ issuers, keys }: TokenVerifierOptions): TokenVerifier {
  const known = new Map<string, VerifiedClaims>();
  const remember = (digest: string, claims: VerifiedClaims): void => {
    const [oldest] = known.keys();
    if (known.size >= mostKnown && oldest !== undefined) known.delete(oldest);
    known.set(digest, claims);
  };
  return (token) => {
    if (token.length > longestToken) return undefined;
    const digest = createHash("sha256").update(token).digest("base64");
    const before = known.get(digest);
    if (before !== undefined || !isFor(issuers, token)) return before;
    return verify(token, keys).then((claims) => {
      // It was somebody's word before it was verified.
      if (!isIssuedBy(issuers, claims)) throw new TokenError("the token's issuer is invalid");
      remember(digest, claims);
      return claims;
    });
  };
}

async function verify(token: string, keys: readonly VerificationKey[]): Promise<VerifiedClaims> {
  const kid = headerOf(token)["kid"] ?? "";
  const fitting = kid === "" ? keys : keys.filter(({ id }) => id === kid);
  if (fitting.length === 0) throw new TokenError("invalid signature, no keys found");
  const { compactVerify } = await import("jose/jws/compact/verify");
  for (const { publicKey, accepted } of fitting) {
    const payload = await compactVerify(token, publicKey, { algorithms: [...accepted] }).then(
      (verified) => verified.payload,
      // Whatever is wrong with it: a bad signature, an algorithm that is not this key's, an extension that nobody knows.
      () => undefined,
    );
    const claims = payload && parse(payload);
    if (claims !== undefined) return claims;
  }
  throw new TokenError("invalid signature");
}

/** A look at what nobody has verified yet: is this token our business at all? */
function isFor(issuers: readonly string[], token: string): boolean {
  const parts = token.split(".", 4);
  const claims = parts.length === 3 ? parse(Buffer.from(parts[1] ?? "", "base64url")) : undefined;
  return claims !== undefined && isIssuedBy(issuers, claims);
}

function isIssuedBy(issuers: readonly string[], { iss }: VerifiedClaims): boolean {
  return typeof iss === "string" && issuers.includes(iss);
}

function headerOf(token: string): VerifiedClaims {
  return parse(Buffer.from(token.slice(0, token.indexOf(".")), "base64url")) ?? {};
}

function parse(bytes: Uint8Array): VerifiedClaims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString());
    return isObject(value) ? value : undefined;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}
