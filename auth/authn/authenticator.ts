import type { ApiRequest, UserInfo } from "../../api/wire.ts";

/**
 * Says who sent a request. Undefined: it shows no credentials of this kind. Throws AuthenticationError for bad ones: others are
 * asked nevertheless, but nobody is anonymous then. `warn` tells the client something, whatever becomes of its request;
 * `annotate` the audit log.
 */
export type Authenticator = (
  request: ApiRequest,
  warn: (text: string) => void,
  annotate?: (key: string, value: string) => void,
) => Promise<UserInfo | undefined> | UserInfo | undefined;

/** Told in the log, and in TokenReviews, never to who sent the request; no part of a token is in it. */
export class AuthenticationError extends Error {
  override name = "AuthenticationError";
}
