import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/log.ts";
import { anyToken } from "../any-token.ts";
import { ownOf } from "../audience-agnostic.ts";
import type { Changing } from "../changing.ts";
import type { CompiledConfiguration, CompiledJwt } from "../configuration/compile-configuration.ts";
import type { TokenAuthenticator } from "../token-authenticator.ts";
import { cachedTokens } from "../token-cache.ts";
import type { GetJson } from "./get-json.ts";
import { jwtAuthenticator } from "./jwt-authenticator.ts";
import { startProvider } from "./provider.ts";

export interface JwtTokensParts {
  readonly getJson: GetJson;
  /** By which tokens end. */
  readonly clock: Clock;
  /** Real time. */
  readonly timers: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** This server's own audiences. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
}

/** Upstream's, for all of its tokens. */
const cacheMs = 10_000;

/**
 * Tokens of the issuers that a configuration names. A new configuration counts as soon as all of its issuers have been
 * reached; until then the one before does.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens
 */
export function jwtTokens(configuration: Changing<CompiledConfiguration>, parts: JwtTokensParts): TokenAuthenticator {
  let used = startIssuers(configuration.current.jwt, parts);
  let coming: Issuers | undefined;
  configuration.onChange(({ jwt }) => {
    coming?.stop();
    const next = startIssuers(jwt, parts);
    coming = next;
    void next.ready.then(() => {
      if (coming !== next) return;
      used.stop();
      used = next;
      coming = undefined;
      parts.log.info("reloaded authentication config", { issuers: jwt.length });
    });
  });
  return (token, audiences) => used.identify(token, audiences);
}

interface Issuers {
  readonly identify: TokenAuthenticator;
  /** Resolves when all have been reached. */
  readonly ready: Promise<void>;
  stop(): void;
}

function startIssuers(jwt: readonly CompiledJwt[], parts: JwtTokensParts): Issuers {
  const stopping = new AbortController();
  const stop = (): void => {
    parts.signal.removeEventListener("abort", stop);
    stopping.abort();
  };
  parts.signal.addEventListener("abort", stop, { once: true });
  const issuers = jwt.map((one) => {
    const provider = startProvider(one.issuer, { ...parts, signal: stopping.signal });
    return { provider, userOf: jwtAuthenticator(one, { ...parts, provider }) };
  });
  const identify = anyToken(
    issuers.map(({ userOf }): TokenAuthenticator => async (token, asked) => {
      const audiences = ownOf(asked, parts.audiences);
      const found = audiences === undefined ? undefined : await userOf(token);
      return found === undefined || audiences === undefined ? undefined : { ...found, audiences };
    }),
  );
  return {
    identify: cachedTokens(identify, {
      clock: parts.clock,
      successMs: cacheMs,
      failureMs: 0,
      keepErrors: false,
    }),
    ready: Promise.all(issuers.map(({ provider }) => provider.ready)).then(() => undefined),
    stop,
  };
}
