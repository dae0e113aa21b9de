import { goKind } from "../../../api/machinery/json.ts";
import { getOwn, isObject, setOwn } from "../../../api/machinery/members.ts";
import type { UserInfo } from "../../../api/wire.ts";
import { textsOf } from "../configuration/claim-expressions.ts";
import { ClaimsMap } from "../configuration/claims-map.ts";
import type { CompiledJwt } from "../configuration/compile-configuration.ts";
import type { Mapping, Mappings } from "../configuration/compile-mappings.ts";
import type { ClaimRules, UserRule } from "../configuration/compile-rules.ts";
import { credentialId } from "../credential-id.ts";
import { TokenError } from "../token-authenticator.ts";
import type { Claims } from "./token-claims.ts";

/** Whom the claims of a verified token name, by an issuer's mappings. Throws TokenError where its rules forbid that. */
export function userOfClaims(claims: Claims, { mappings, claimRules, userRules }: CompiledJwt): UserInfo {
  const map = new ClaimsMap(claims);
  const uid = uidOf(claims, map, mappings.uid);
  const extra = extraOf(claims, map, mappings.extra);
  const user: UserInfo = {
    name: usernameOf(claims, map, mappings.username),
    ...(uid === "" ? {} : { uid }),
    groups: groupsOf(claims, map, mappings.groups),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
  requireClaims(claims, map, claimRules);
  requireUser(user, userRules);
  return user;
}

function usernameOf(claims: Claims, map: ClaimsMap, mapping: Mapping): string {
  if (mapping !== undefined && "expression" in mapping) {
    const name = within("error evaluating username claim expression", () => mapping.expression.evaluate(map));
    if (typeof name !== "string")
      throw refused("error evaluating username claim expression: username claim expression must return a string");
    if (name === "") throw refused("empty username via CEL expression is not allowed");
    return name;
  }
  const { claim = "", prefix = "" } = mapping ?? {};
  const name = text(claims, claim, `parse username claims ${JSON.stringify(claim)}`);
  if (claim === "email") requireVerified(claims);
  if (prefix + name === "") throw refused("empty username is not allowed");
  return prefix + name;
}

/** https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims */
function requireVerified(claims: Claims): void {
  if (!Object.hasOwn(claims, "email_verified")) return;
  const verified = claims["email_verified"];
  if (typeof verified !== "boolean" && verified !== null)
    throw refused(`parse 'email_verified' claim: ${mismatch(verified, "bool")}`);
  if (verified !== true) throw refused("email not verified");
}

function groupsOf(claims: Claims, map: ClaimsMap, mapping: Mapping): readonly string[] {
  if (mapping === undefined) return [];
  if ("expression" in mapping)
    return textList("error evaluating group claim expression", () => mapping.expression.evaluate(map));
  const { claim, prefix } = mapping;
  if (!Object.hasOwn(claims, claim)) requireHere(claims, claim);
  const value = getOwn(claims, claim) ?? undefined;
  if (value === undefined) return [];
  const groups: readonly unknown[] = Array.isArray(value) ? value : [value];
  return groups.map((group) => {
    if (typeof group !== "string")
      throw refused(`parse groups claim ${JSON.stringify(claim)}: ${mismatch(group, "string")}`);
    return prefix + group;
  });
}

/**
 * Upstream would fetch groups that are to be had elsewhere; this server does not, nor does it let a user in without them.
 * https://openid.net/specs/openid-connect-core-1_0.html#AggregatedDistributedClaims
 */
function requireHere(claims: Claims, claim: string): void {
  const elsewhere = getOwn(claims, "_claim_names");
  if (isObject(elsewhere) && Object.hasOwn(elsewhere, claim))
    throw refused(`could not expand distributed claims: ${JSON.stringify(claim)} is not in the token itself`);
}

function uidOf(claims: Claims, map: ClaimsMap, mapping: Mapping): string {
  if (mapping === undefined) return "";
  if ("claim" in mapping) return text(claims, mapping.claim, `parse uid claim ${JSON.stringify(mapping.claim)}`);
  const uid = within("error evaluating uid claim expression", () => mapping.expression.evaluate(map));
  if (typeof uid === "string") return uid;
  throw refused("error evaluating uid claim expression: uid claim expression must return a string");
}

function extraOf(claims: Claims, map: ClaimsMap, mappings: Mappings["extra"]): Record<string, readonly string[]> {
  const extra: Record<string, readonly string[]> = {};
  const tokenId = getOwn(claims, "jti");
  if (typeof tokenId === "string" && tokenId !== "") extra[credentialId] = [`JTI=${tokenId}`];
  for (const { key, expression } of mappings) {
    const values = textList(`error evaluating extra claim expression: ${expression.text}`, () =>
      expression.evaluate(map),
    );
    if (values.length > 0) setOwn(extra, key, values);
  }
  return extra;
}

function requireClaims(claims: Claims, map: ClaimsMap, { required, expressions }: ClaimRules): void {
  for (const [claim, wanted] of required) {
    if (!Object.hasOwn(claims, claim)) throw refused(`required claim ${claim} not present in ID token`);
    const value = text(claims, claim, `parse claim ${claim}`);
    if (value !== wanted)
      throw refused(`required claim ${claim} value does not match. Got = ${value}, want = ${wanted}`);
  }
  const place = "error evaluating claim validation expression";
  for (const { expression, message } of expressions)
    requireTrue(place, expression.text, message, () => expression.evaluate(map));
}

function requireUser(user: UserInfo, rules: readonly UserRule[]): void {
  const place = "error evaluating user info validation rule";
  for (const { expression, message } of rules)
    requireTrue(place, expression.text, message, () => expression.evaluate(user));
}

function requireTrue(place: string, expression: string, message: string, evaluate: () => unknown): void {
  if (within(place, evaluate) !== true)
    throw refused(`${place}: validation expression '${expression}' failed: ${message}`);
}

function textList(place: string, evaluate: () => unknown): readonly string[] {
  const texts = textsOf(within(place, evaluate));
  if (texts === undefined) throw refused(`${place}: expression must return a string or a list of strings`);
  return texts;
}

function text(claims: Claims, claim: string, place: string): string {
  if (!Object.hasOwn(claims, claim)) throw refused(`${place}: claim not present`);
  const value = claims[claim] ?? "";
  if (typeof value === "string") return value;
  throw refused(`${place}: ${mismatch(value, "string")}`);
}

function within(place: string, evaluate: () => unknown): unknown {
  try {
    return evaluate();
  } catch (thrown) {
    if (thrown instanceof TokenError) throw refused(`${place}: ${thrown.message}`);
    throw thrown;
  }
}

function mismatch(value: unknown, wanted: string): string {
  return `json: cannot unmarshal ${goKind(value)} into Go value of type ${wanted}`;
}

function refused(why: string): TokenError {
  return new TokenError(`oidc: ${why}`);
}
