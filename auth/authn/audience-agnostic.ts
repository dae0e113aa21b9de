import type { UserInfo } from "../../api/wire.ts";
import type { TokenAuthenticator, TokenIdentity } from "./token-authenticator.ts";

/** Kinds of tokens that say nothing of audiences are for this server's own alone. */
export function audienceAgnostic(
  own: readonly string[],
  userOf: (token: string) => UserInfo | undefined | Promise<UserInfo | undefined>,
): TokenAuthenticator {
  return (token, asked) => {
    const audiences = ownOf(asked, own);
    if (audiences === undefined) return undefined;
    const identity = (user: UserInfo | undefined): TokenIdentity | undefined =>
      user === undefined ? undefined : { user, audiences };
    const user = userOf(token);
    return user instanceof Promise ? user.then(identity) : identity(user);
  };
}

/** Those of the asked audiences that are this server's; undefined where there are some, and none of them is. */
export function ownOf(asked: readonly string[], own: readonly string[]): readonly string[] | undefined {
  const audiences = asked.filter((audience) => own.includes(audience));
  return asked.length > 0 && audiences.length === 0 ? undefined : audiences;
}
