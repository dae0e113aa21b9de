import type { UserInfo } from "../../../api/wire.ts";
import type { Attributes, Authorizer } from "../../../auth/authz/authorizer.ts";
import { checkUser, requireLeave } from "./check-user.ts";
import { accountOf, nodeOf } from "./user-kinds.ts";
import type { WantedUser } from "./wanted-user.ts";

export interface Impersonated {
  readonly user: UserInfo;
  /** The verb of constrained impersonation that allowed it, for the audit log; "" for the one verb that allows all. */
  readonly constraint: string;
}

/**
 * One of the ways in which somebody may be allowed to act as another: undefined where it does not apply, 403 is thrown where
 * it is not allowed. `attributes`: of the request itself, as its sender.
 */
export type Mode = (
  wanted: WantedUser,
  attributes: Attributes,
  authorizer: Authorizer,
) => Promise<Impersonated | undefined>;

const associatedNodeVerb = "impersonate:associated-node";

/**
 * In the order in which they are tried. All but the last ask for leave to be such a user, and for leave to do this very thing
 * as one. https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/#constrained-impersonation
 */
export const modes: readonly Mode[] = [
  constrained("associated-node", (wanted, { user }) => isOnNode(user, wanted), onAnyNode),
  constrained("arbitrary-node", (wanted) => isOnlyName(wanted) && nodeOf(wanted.name) !== undefined),
  constrained("serviceaccount", (wanted) => isOnlyName(wanted) && accountOf(wanted.name) !== undefined),
  constrained("user-info", ({ name }) => nodeOf(name) === undefined && accountOf(name) === undefined),
  async (wanted, { user, path }, authorizer) => ({
    user: await checkUser(wanted, { user, path, authorizer, verb: "impersonate", isConstrained: false }),
    constraint: "",
  }),
];

function constrained(
  mode: string,
  applies: (wanted: WantedUser, attributes: Attributes) => boolean,
  change: (attributes: Attributes) => Attributes = (attributes) => attributes,
): Mode {
  const verb = `impersonate:${mode}`;
  return async (wanted, attributes, authorizer) => {
    if (!applies(wanted, attributes)) return undefined;
    const { user, path } = attributes;
    const asked: Authorizer = (question) => authorizer(change(question));
    const doing = change({ ...attributes, verb: `impersonate-on:${mode}:${attributes.verb}` });
    await requireLeave(doing, { authorizer });
    return {
      user: await checkUser(wanted, { user, path, authorizer: asked, verb, isConstrained: true }),
      constraint: verb,
    };
  };
}

/** A pod's account may be allowed to act as the node that the pod is on, whichever that is. */
function onAnyNode(attributes: Attributes): Attributes {
  const { user, verb, resource } = attributes;
  const keys = Object.keys(user.extra ?? {}).toSorted();
  const asking = { ...user, extra: { "authentication.kubernetes.io/associated-node-keys": keys } };
  if (verb !== associatedNodeVerb || resource === undefined) return { ...attributes, user: asking };
  return { ...attributes, user: asking, resource: { ...resource, name: "*" } };
}

function isOnNode({ name, extra = {} }: UserInfo, wanted: WantedUser): boolean {
  const node = nodeOf(wanted.name);
  const [own, ...more] = extra["authentication.kubernetes.io/node-name"] ?? [];
  return isOnlyName(wanted) && node !== undefined && accountOf(name) !== undefined && own === node && more.length === 0;
}

function isOnlyName({ uid, groups, extra }: WantedUser): boolean {
  return uid === "" && groups.length === 0 && extra.size === 0;
}
