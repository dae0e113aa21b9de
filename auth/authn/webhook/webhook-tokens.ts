import type { JsonObject } from "../../../api/machinery/object.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/log.ts";
import { ownOf } from "../audience-agnostic.ts";
import { type TokenAuthenticator, TokenError } from "../token-authenticator.ts";
import { cachedTokens } from "../token-cache.ts";
import { readReview, reviewOf, type ReviewVersion } from "./token-review.ts";

export interface WebhookTokensParts {
  /** Posts a review and answers what came back, after as many tries as make sense. Throws an Error where nothing did. */
  readonly ask: (review: JsonObject) => Promise<JsonObject>;
  readonly version: ReviewVersion;
  /** Milliseconds for which its answers are remembered, good or bad; 0 for not at all. */
  readonly cacheMs: number;
  readonly clock: Clock;
  /** This server's own audiences: those of a webhook that does not know of any. */
  readonly audiences: readonly string[];
  readonly log: Logger;
}

/**
 * Asks somebody else's server whom a token stands for.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#webhook-token-authentication
 */
export function webhookTokens(parts: WebhookTokensParts): TokenAuthenticator {
  const { ask, version, cacheMs, clock, log } = parts;
  const identify: TokenAuthenticator = async (token, asked) => {
    const review = readReview(await answered(ask, reviewOf(token, asked, version), log), version);
    const audiences = ownOf(asked, review.audiences.length === 0 ? parts.audiences : review.audiences);
    if (audiences === undefined) return undefined;
    if (review.user !== undefined) return { user: review.user, audiences };
    if (review.error !== "") throw new TokenError(review.error);
    return undefined;
  };
  return cachedTokens(identify, { clock, successMs: cacheMs, failureMs: cacheMs, keepErrors: false });
}

async function answered(ask: WebhookTokensParts["ask"], review: JsonObject, log: Logger): Promise<JsonObject> {
  try {
    return await ask(review);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    log.error("Failed to make webhook authenticator request", { why });
    throw new TokenError(why);
  }
}
