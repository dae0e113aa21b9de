import { jwtTokens } from "../../auth/authn/oidc/jwt-tokens.ts";
import type { TokenAuthenticator } from "../../auth/authn/token-authenticator.ts";
import { webhookTokens } from "../../auth/authn/webhook/webhook-tokens.ts";
import { realClock } from "../../base/clock.ts";
import type { Resources } from "../create-resources.ts";
import type { ServerOptions } from "../server-options.ts";
import { withRetries } from "../webhook/with-retries.ts";
import type { OidcOptions, TokenWebhookOptions } from "./authentication-options.ts";
import { createGetJson } from "./get-json.ts";

/** For all tries together, as upstream bounds it. */
const lookupMs = 30_000;

interface ForeignTokensParts {
  readonly resources: Resources;
  readonly options: ServerOptions;
  readonly audiences: readonly string[];
  readonly signal: AbortSignal;
}

/** Tokens that others issue, and vouch for: those of OIDC issuers, then what a webhook knows. */
export function foreignTokens(parts: ForeignTokensParts): readonly TokenAuthenticator[] {
  const { oidc, webhook } = parts.options.authentication ?? {};
  return [
    ...(oidc === undefined ? [] : [oidcTokens(oidc, parts)]),
    ...(webhook === undefined ? [] : [ofWebhook(webhook, parts)]),
  ];
}

function oidcTokens(
  { configuration, algorithms }: OidcOptions,
  { options: { clock, log }, audiences, signal }: ForeignTokensParts,
): TokenAuthenticator {
  const getJson = createGetJson(realClock);
  return jwtTokens(configuration, { getJson, clock, timers: realClock, log, signal, audiences, algorithms });
}

function ofWebhook(
  { target, version, cacheMs }: TokenWebhookOptions,
  { resources, options: { clock, random, log }, audiences, signal }: ForeignTokensParts,
): TokenAuthenticator {
  return webhookTokens({
    ask(review) {
      const end = realClock.now() + lookupMs;
      const once = (): ReturnType<typeof resources.callWebhook> =>
        resources.callWebhook(target, review, { timeoutMs: Math.max(1, end - realClock.now()), signal });
      return withRetries(once, { timers: realClock, random }, signal);
    },
    version,
    cacheMs,
    clock,
    audiences,
    log,
  });
}
