import type { Authenticator } from "./authenticator.ts";
import { bearerOf } from "./bearer-of.ts";
import type { TokenAuthenticator } from "./token-authenticator.ts";

const extraSpace = "the provided Authorization header contains extra space before the bearer token, and is ignored";

/**
 * `Authorization: Bearer …`, for a server that is known by these audiences.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#putting-a-bearer-token-in-a-request
 */
export function bearerToken(identify: TokenAuthenticator, audiences: readonly string[]): Authenticator {
  return (request, warn, annotate) => {
    const header = request.headers["authorization"];
    if (header === undefined) return undefined;
    const [scheme = "", token, rest] = header.trim().split(" ", 3);
    if (token === undefined || scheme.toLowerCase() !== "bearer") return undefined;
    if (token === "") {
      if (rest !== undefined) warn(extraSpace);
      return undefined;
    }
    return bearerOf(token, identify, audiences, { warn, annotate });
  };
}
