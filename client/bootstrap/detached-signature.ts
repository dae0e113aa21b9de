import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { BootstrapToken } from "../../api/core/bootstrap-tokens.ts";

/**
 * A JWS without its content, by a bootstrap token: who has the token knows that nobody changed the content on the way.
 * https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/#configmap-signing
 */
export function detachedSignature(content: string, { id, secret }: BootstrapToken): string {
  const base64url = (text: string): string => Buffer.from(text, "utf8").toString("base64url");
  const header = base64url(JSON.stringify({ alg: "HS256", kid: id }));
  const signature = createHmac("sha256", secret)
    .update(`${header}.${base64url(content)}`)
    .digest("base64url");
  return `${header}..${signature}`;
}

export function isSignedBy(token: BootstrapToken, content: string, signature: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(detachedSignature(content, token)), digest(signature));
}
