import type { Attributes, Authorizer } from "../../auth/authz/authorizer.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { attributesOf } from "./authorize.ts";
import { type Impersonated, type Mode, modes } from "./impersonation/modes.ts";
import { type WantedUser, wantedUser, withoutWish } from "./impersonation/wanted-user.ts";
import type { Identified } from "./stages.ts";

/** As many users as upstream remembers. */
const mostUsers = 10_000;

/**
 * Acts as another user where the asking one may. The way by which it was allowed the last time is tried first.
 * https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
 */
export function createImpersonation(authorizer: Authorizer): (identified: Identified) => Promise<Identified> {
  const usual = new Map<string, Mode>();
  const remember = (name: string, mode: Mode): void => {
    usual.delete(name);
    usual.set(name, mode);
    const [oldest] = usual.keys();
    if (usual.size > mostUsers && oldest !== undefined) usual.delete(oldest);
  };
  const allowed = async (wanted: WantedUser, attributes: Attributes): Promise<Impersonated> => {
    const { name } = attributes.user;
    const first = usual.get(name);
    const inOrder = first === undefined ? modes : [first, ...modes.filter((mode) => mode !== first)];
    let refusal: ApiError | undefined;
    for (const mode of inOrder) {
      try {
        const impersonated = await mode(wanted, attributes, authorizer);
        if (impersonated === undefined) continue;
        remember(name, mode);
        return impersonated;
      } catch (thrown) {
        if (!(thrown instanceof ApiError)) throw thrown;
        refusal ??= thrown;
      }
    }
    throw refusal ?? new ApiError("InternalError", "all impersonation modes failed");
  };
  return async (identified) => {
    const wanted = wantedUser(identified.request);
    if (wanted === undefined) return identified;
    const { user, constraint } = await allowed(wanted, attributesOf(identified));
    const request = withoutWish(identified.request);
    return { ...identified, request, user, impersonation: { by: identified.user, constraint } };
  };
}
