import type { UserInfo } from "../../api/wire.ts";
import { AuthenticationError, type Authenticator } from "./authenticator.ts";
import { GatheredRefusals } from "./gathered-refusals.ts";

/** Asks in turn; the first who knows the caller counts, whatever others have against it. */
export function anyOf(authenticators: readonly Authenticator[]): Authenticator {
  const known = new WeakMap<UserInfo, UserInfo>();
  /** Who comes again, as on the same connection, stays the same value. */
  const member = (user: UserInfo): UserInfo => {
    const before = known.get(user);
    if (before !== undefined) return before;
    const made = authenticated(user);
    known.set(user, made);
    return made;
  };
  return async (request, warn, annotate) => {
    const refusals = new GatheredRefusals();
    for (const ask of authenticators) {
      try {
        const asked = ask(request, warn, annotate);
        const user = asked instanceof Promise ? await asked : asked;
        if (user !== undefined) return member(user);
      } catch (thrown) {
        refusals.add(thrown);
      }
    }
    const { message } = refusals;
    if (message !== undefined) throw new AuthenticationError(message);
    return undefined;
  };
}

/** Who is known at all is a member of `system:authenticated`. */
export function authenticated(user: UserInfo): UserInfo {
  const { name, groups } = user;
  if (name === "system:anonymous") return user;
  if (groups.includes("system:authenticated") || groups.includes("system:unauthenticated")) return user;
  return { ...user, groups: [...groups, "system:authenticated"] };
}
