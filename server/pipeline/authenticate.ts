import type { Authenticator } from "../../auth/authn/authenticator.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Described, Identified } from "./stages.ts";

/** Asks the authenticators in turn. In-process components come with their user: they enter after this stage. */
export async function authenticate(
  described: Described,
  authenticators: readonly Authenticator[],
): Promise<Identified> {
  const known = described.request.peer.user;
  if (known !== undefined) return { ...described, user: known };
  for (const ask of authenticators) {
    const user = await ask(described.request);
    if (user !== undefined) return { ...described, user };
  }
  throw new ApiError("Unauthorized", "Unauthorized");
}
