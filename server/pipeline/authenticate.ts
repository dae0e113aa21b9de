import { AuthenticationError, type Authenticator } from "../../auth/authn/authenticator.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { UserInfo } from "../../api/wire.ts";
import type { Logger } from "../../base/log.ts";
import { withoutCredentials } from "./without-credentials.ts";
import type { Described, Identified } from "./stages.ts";

export interface AuthenticateParts {
  /** In the order in which they are asked; none is after one that refuses. */
  readonly authenticators: readonly Authenticator[];
  /** Whether a header says who the user is, besides the usual ones. */
  readonly isCredential?: (header: string) => boolean;
  readonly log: Logger;
}

/**
 * From here on a request has a user, and carries no credentials. In-process components come with their user: they enter
 * after this stage.
 */
export async function authenticate(described: Described, parts: AuthenticateParts): Promise<Identified> {
  const known = described.request.peer.user;
  if (known !== undefined) return { ...described, user: known };
  const user = await userOf(described, parts);
  if (user === undefined) throw new ApiError("Unauthorized", "Unauthorized");
  return { ...described, request: withoutCredentials(described.request, parts.isCredential), user };
}

async function userOf(
  { request, path, warnings, annotations }: Described,
  { authenticators, log }: AuthenticateParts,
): Promise<UserInfo | undefined> {
  const warn = (text: string): void => void warnings.add(text);
  const annotate = (key: string, value: string): void => void annotations.set(key, value);
  try {
    for (const ask of authenticators) {
      const asked = ask(request, warn, annotate);
      const user = asked instanceof Promise ? await asked : asked;
      if (user !== undefined) return user;
    }
  } catch (thrown) {
    if (!(thrown instanceof AuthenticationError)) throw thrown;
    log.info("a request could not be authenticated", { path, why: thrown.message });
  }
  return undefined;
}
