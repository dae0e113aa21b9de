import { getOwn } from "../../../api/machinery/members.ts";
import { TokenError } from "../token-authenticator.ts";
import type { Claims } from "./token-claims.ts";

/** Clocks of issuers may be this much ahead. */
const leewayMs = 5 * 60_000;
/** What a Date can tell, in seconds. */
const lastSecond = 8.64e12;

/**
 * Throws TokenError for a token that is not for one of these audiences, has ended or has not begun. Gives when it ends, in
 * milliseconds since the epoch. https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
 */
export function verifyClaims(claims: Claims, audiences: readonly string[], now: number): number {
  requireAudience(claims, audiences);
  const expiresAt = timeOf(claims, "exp") ?? 0;
  if (now > expiresAt) throw refused(`oidc: token is expired (Token Expiry: ${new Date(expiresAt).toISOString()})`);
  const notBefore = timeOf(claims, "nbf");
  if (notBefore !== undefined && now + leewayMs < notBefore) {
    const [current, begin] = [now, notBefore].map((time) => new Date(time).toISOString());
    throw refused(`oidc: current time ${current} before the nbf (not before) time: ${begin}`);
  }
  return expiresAt;
}

function requireAudience(claims: Claims, audiences: readonly string[]): void {
  const named = getOwn(claims, "aud");
  const found = (Array.isArray(named) ? named : [named]).filter((one) => typeof one === "string");
  if (found.some((audience) => audiences.includes(audience))) return;
  const [only = "", ...others] = audiences;
  throw refused(
    others.length === 0
      ? `oidc: expected audience ${JSON.stringify(only)} got ${quoted(found)}`
      : `oidc: expected audience in ${quoted(audiences.toSorted())} got ${quoted(found)}`,
  );
}

function timeOf(claims: Claims, name: string): number | undefined {
  const seconds = getOwn(claims, name);
  if (seconds === undefined || seconds === null) return undefined;
  if (typeof seconds !== "number" || Math.abs(seconds) > lastSecond)
    throw refused(`oidc: failed to unmarshal claims: ${name} is no time`);
  return seconds * 1000;
}

function refused(why: string): TokenError {
  return new TokenError(`oidc: verify token: ${why}`);
}

/** A list of texts as Go prints it. */
function quoted(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(" ")}]`;
}
