import type { UserInfo } from "../../../api/wire.ts";

const prefix = "system:node:";

/**
 * The name of the node that a user is; "" for one that does not say which. Undefined: it is no node.
 * https://kubernetes.io/docs/reference/access-authn-authz/node/
 */
export function nodeNameOf({ name, groups }: UserInfo): string | undefined {
  return name.startsWith(prefix) && groups.includes("system:nodes") ? name.slice(prefix.length) : undefined;
}
