import type { UserInfo } from "../../api/wire.ts";
import type { Authenticator } from "./authenticator.ts";
import { type TokenAuthenticator, TokenError } from "./token-authenticator.ts";

/** Where is told what a token says besides. */
export interface Notes {
  readonly warn: Parameters<Authenticator>[1];
  readonly annotate: Parameters<Authenticator>[2];
}

/** Whom a token stands for that came with a request. Throws TokenError when nobody knows it. */
export async function bearerOf(
  token: string,
  identify: TokenAuthenticator,
  audiences: readonly string[],
  { warn, annotate }: Notes,
): Promise<UserInfo> {
  const identity = await identify(token, audiences);
  if (identity === undefined) throw new TokenError("invalid bearer token");
  if (identity.audiences.length > 0 && !identity.audiences.some((audience) => audiences.includes(audience)))
    throw new TokenError("the token is not for an audience of this server");
  const { warning, annotations = {} } = identity;
  if (warning !== undefined) warn(warning);
  for (const [key, value] of Object.entries(annotations)) annotate?.(key, value);
  return identity.user;
}
