import { GatheredRefusals } from "./gathered-refusals.ts";
import { TokenError, type TokenAuthenticator } from "./token-authenticator.ts";

/** Asks in turn until one knows the token: a kind that refuses it may have taken it for one of its own by mistake. */
export function anyToken(authenticators: readonly TokenAuthenticator[]): TokenAuthenticator {
  return async (token, audiences) => {
    const refusals = new GatheredRefusals();
    for (const ask of authenticators) {
      try {
        const identity = await ask(token, audiences);
        if (identity !== undefined) return identity;
      } catch (thrown) {
        refusals.add(thrown);
      }
    }
    const { message } = refusals;
    if (message !== undefined) throw new TokenError(message);
    return undefined;
  };
}
