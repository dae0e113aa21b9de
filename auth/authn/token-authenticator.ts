import type { UserInfo } from "../../api/wire.ts";
import { AuthenticationError } from "./authenticator.ts";

export interface TokenIdentity {
  readonly user: UserInfo;
  /** Those of the asked audiences that the token is for. */
  readonly audiences: readonly string[];
  /** When the token ends, in milliseconds since the epoch, where it says so: an answer is not remembered for longer. */
  readonly expiresAt?: number;
  /** For the audit log. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** To the client. */
  readonly warning?: string;
}

/**
 * Says whom a bearer token stands for, to one of these audiences (this server's own, or those of a TokenReview).
 * Undefined: it is no token of this kind. Throws TokenError for one of its own that is not, or no longer, good.
 */
export type TokenAuthenticator = (
  token: string,
  audiences: readonly string[],
) => Promise<TokenIdentity | undefined> | TokenIdentity | undefined;

/** Told in the log and in TokenReviews, never to the bearer; no part of the token is in it. */
export class TokenError extends AuthenticationError {
  override name = "TokenError";
}
