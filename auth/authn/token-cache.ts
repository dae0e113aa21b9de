import { createHmac, randomBytes } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import { type TokenAuthenticator, TokenError, type TokenIdentity } from "./token-authenticator.ts";

export interface TokenCacheOptions {
  readonly clock: Clock;
  /** Milliseconds for which an answer is remembered that a token is good; 0 for not at all. */
  readonly successMs: number;
  /** The same for tokens that are not. */
  readonly failureMs: number;
  /** Whether a refusal with a reason counts as such a failure; else it is asked for anew. */
  readonly keepErrors: boolean;
  readonly entries?: number;
}

interface Answer {
  readonly identity: TokenIdentity | undefined;
  readonly error: TokenError | undefined;
}

interface Remembered extends Answer {
  readonly until: number;
}

const usualEntries = 4096;

/**
 * Remembers answers that are expensive to have, and asks once for all who wait for the same. No token is kept, only its hash
 * by a key that is never told. What must be refused the moment an object is gone does not belong behind it.
 */
export function cachedTokens(identify: TokenAuthenticator, options: TokenCacheOptions): TokenAuthenticator {
  const { clock, entries = usualEntries } = options;
  const key = randomBytes(32);
  const known = new Map<string, Remembered>();
  const asking = new Map<string, Promise<Answer>>();
  const remember = (hash: string, answer: Answer): void => {
    const ms = lifetime(answer, options, clock.now());
    if (ms <= 0) return;
    known.delete(hash);
    known.set(hash, { ...answer, until: clock.now() + ms });
    for (const [oldest, { until }] of known) {
      if (known.size <= entries && until > clock.now()) break;
      known.delete(oldest);
    }
  };
  const ask = async (token: string, audiences: readonly string[], hash: string): Promise<Answer> => {
    try {
      const answer = await answerOf(identify, token, audiences);
      remember(hash, answer);
      return answer;
    } finally {
      asking.delete(hash);
    }
  };
  return async (token, audiences) => {
    const hash = hashOf(key, token, audiences);
    const before = known.get(hash);
    if (before !== undefined && before.until > clock.now()) return given(before);
    known.delete(hash);
    const asked = asking.get(hash) ?? ask(token, audiences, hash);
    asking.set(hash, asked);
    return given(await asked);
  };
}

async function answerOf(identify: TokenAuthenticator, token: string, audiences: readonly string[]): Promise<Answer> {
  try {
    return { identity: await identify(token, audiences), error: undefined };
  } catch (thrown) {
    if (thrown instanceof TokenError) return { identity: undefined, error: thrown };
    throw thrown;
  }
}

function lifetime({ identity, error }: Answer, options: TokenCacheOptions, now: number): number {
  if (error !== undefined) return options.keepErrors ? options.failureMs : 0;
  if (identity === undefined) return options.failureMs;
  return Math.min(options.successMs, (identity.expiresAt ?? Infinity) - now);
}

function given({ identity, error }: Answer): TokenIdentity | undefined {
  if (error !== undefined) throw error;
  return identity;
}

/** Lengths go in as well: no other token and audiences have the same text. */
function hashOf(key: Buffer, token: string, audiences: readonly string[]): string {
  const hmac = createHmac("sha256", key);
  for (const part of [token, ...audiences]) hmac.update(`${part.length}:`).update(part);
  return hmac.digest("base64");
}
