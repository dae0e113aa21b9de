import { getOwn, isObject } from "../../api/machinery/members.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { TokenError } from "../authn/token-authenticator.ts";
import type { AccountIdentity } from "./account-user.ts";
import { isLongDeleted, leewayMs, type TokenObjects } from "./token-objects.ts";
import type { CountTokenUse } from "./token-use.ts";
import type { VerifiedClaims } from "./token-verifier.ts";

export interface BoundTokenDeps {
  readonly objects: TokenObjects;
  /** Cluster time. */
  readonly clock: { now(): number };
  readonly count: CountTokenUse;
}

/** What is known of a token that is good at this moment. */
export interface JudgedToken {
  readonly account: AccountIdentity;
  /** For the audit log. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** To the client. */
  readonly warning?: string;
}

interface Ref {
  readonly name: string;
  readonly uid: string;
}

const invalidated = "service account token has been invalidated";

/** Its time has come and not gone, and what it is bound to is there. Throws TokenError. */
export async function judgeBoundToken(
  claims: VerifiedClaims,
  { objects, clock, count }: BoundTokenDeps,
): Promise<JudgedToken> {
  const now = clock.now();
  requireTime(claims, now);
  const own = isObject(claims["kubernetes.io"]) ? claims["kubernetes.io"] : {};
  const namespace = textOf(own, "namespace");
  const account = refOf(own, "serviceaccount") ?? { name: "", uid: "" };
  await requireAccount(namespace, account, objects, now);
  const secret = refOf(own, "secret");
  if (secret !== undefined) requireBound("secret", secret, await objects.secret(namespace, secret.name), now);
  const pod = refOf(own, "pod");
  const node = refOf(own, "node");
  if (pod !== undefined) requireBound("pod", pod, await objects.pod(namespace, pod.name), now);
  // A pod's token only tells its node.
  else if (node !== undefined) requireBound("node", node, await objects.node(node.name), now);
  const stale = staleness(claims, own, now);
  if (typeof own["warnafter"] === "number") count(stale === undefined ? "valid" : "stale");
  return {
    account: { namespace, ...account, pod, node, tokenId: textOf(claims, "jti") },
    ...(stale === undefined ? {} : { annotations: { "authentication.k8s.io/stale-token": stale } }),
  };
}

function requireTime(claims: VerifiedClaims, now: number): void {
  const { nbf, exp, iat } = claims;
  if (typeof nbf === "number" && now + leewayMs < nbf * 1000)
    throw new TokenError("service account token is not valid yet");
  if (typeof exp === "number" && now - leewayMs > exp * 1000) throw new TokenError("service account token has expired");
  if (typeof iat === "number" && now + leewayMs < iat * 1000)
    throw new TokenError("service account token is issued in the future");
}

async function requireAccount(namespace: string, claim: Ref, objects: TokenObjects, now: number): Promise<void> {
  const account = await objects.serviceAccount(namespace, claim.name);
  if (account === undefined) throw new TokenError(`serviceaccounts ${JSON.stringify(claim.name)} not found`);
  const uid = account.metadata?.uid ?? "";
  if (uid !== claim.uid) throw new TokenError(`service account UID (${uid}) does not match claim (${claim.uid})`);
  if (isLongDeleted(account, now)) throw new TokenError(`service account ${namespace}/${claim.name} has been deleted`);
}

function requireBound(
  kind: "pod" | "secret" | "node",
  claim: Ref,
  object: DeepReadonly<KubeObject> | undefined,
  now: number,
): void {
  if (object === undefined) throw new TokenError(invalidated);
  const uid = object.metadata?.uid ?? "";
  if (uid !== claim.uid)
    throw new TokenError(`${kind} UID (${uid}) does not match service account ${kind} ref claim (${claim.uid})`);
  if (isLongDeleted(object, now)) throw new TokenError(invalidated);
}

/** Its holder should have fetched a new one: told until nobody does so any more. */
function staleness({ sub }: VerifiedClaims, own: VerifiedClaims, now: number): string | undefined {
  const { warnafter } = own;
  if (typeof warnafter !== "number" || warnafter === 0 || now <= warnafter * 1000) return undefined;
  const late = Math.floor(now / 1000) - warnafter;
  return `subject: ${String(sub)}, seconds after warning threshold: ${late}`;
}

function refOf(claims: VerifiedClaims, name: string): Ref | undefined {
  const value = getOwn(claims, name);
  return isObject(value) ? { name: textOf(value, "name"), uid: textOf(value, "uid") } : undefined;
}

function textOf(claims: VerifiedClaims, name: string): string {
  const value = getOwn(claims, name);
  return typeof value === "string" ? value : "";
}
