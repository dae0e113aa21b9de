import { createHash, timingSafeEqual } from "node:crypto";
import {
  bootstrapTokenGroups,
  bootstrapTokens,
  bootstrapTokenSecretName,
  hasBootstrapTokenEnded,
  isBootstrapTokenFor,
  parseBootstrapToken,
  secretText,
  type BootstrapToken,
} from "../../api/core/bootstrap-tokens.ts";
import type { Secret } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { UserInfo } from "../../api/wire.ts";
import type { Clock } from "../../base/clock.ts";
import { audienceAgnostic } from "./audience-agnostic.ts";
import { type TokenAuthenticator, TokenError } from "./token-authenticator.ts";

export interface BootstrapTokenDeps {
  /** What tokens call this server. */
  readonly audiences: readonly string[];
  /** The current one, of kube-system. */
  readonly findSecret: (name: string) => Promise<DeepReadonly<Secret> | undefined>;
  readonly clock: Pick<Clock, "now">;
}

/**
 * Tokens by which machines join: `id.secret`, good as long as their secret says so.
 * https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
 */
export function bootstrapToken({ audiences, findSecret, clock }: BootstrapTokenDeps): TokenAuthenticator {
  return audienceAgnostic(audiences, (text) => {
    const token = parseBootstrapToken(text);
    return (
      token &&
      findSecret(bootstrapTokenSecretName(token.id)).then((secret) => secret && userOf(token, secret, clock.now()))
    );
  });
}

function userOf(token: BootstrapToken, secret: DeepReadonly<Secret>, now: number): UserInfo {
  const name = `bootstrap secret ${bootstrapTokens.namespace}/${secret.metadata?.name ?? ""} matching bearer token`;
  if (secret.metadata?.deletionTimestamp !== undefined) throw new TokenError(`${name} is deleted and awaiting removal`);
  if (secret.type !== bootstrapTokens.type)
    throw new TokenError(`${name} has invalid type, expected ${bootstrapTokens.type}`);
  if (!isSame(secretText(secret, "token-secret"), token.secret))
    throw new TokenError(`${name} has invalid value for key token-secret`);
  if (secretText(secret, "token-id") !== token.id) throw new TokenError(`${name} has invalid value for key token-id`);
  if (hasBootstrapTokenEnded(secret, now)) throw new TokenError(`${name} has expired`);
  if (!isBootstrapTokenFor(secret, "authentication"))
    throw new TokenError(`${name} not marked usage-bootstrap-authentication=true`);
  const groups = bootstrapTokenGroups(secret);
  if (groups === undefined) throw new TokenError(`${name} has invalid value for key auth-extra-groups`);
  return { name: `${bootstrapTokens.userPrefix}${token.id}`, groups };
}

/** How long it takes tells nothing of how much of it is right. */
function isSame(wanted: string, given: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(wanted), digest(given));
}
