import type { Authorizer } from "../../auth/authz/authorizer.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { UserInfo } from "../../api/wire.ts";
import { requireAllowed } from "./authorize.ts";
import type { Identified } from "./stages.ts";

const extraPrefix = "impersonate-extra-";

/**
 * Acts as another user where the asking one may.
 * https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
 */
export function impersonate(identified: Identified, authorizers: readonly Authorizer[]): Identified {
  const { headers } = identified.request;
  const asked = Object.keys(headers).filter((name) => name.startsWith("impersonate-"));
  if (asked.length === 0) return identified;
  const name = headers["impersonate-user"];
  if (name === undefined || name === "")
    throw new ApiError("BadRequest", "requested impersonation without a user: the Impersonate-User header is missing");
  const groups = list(headers["impersonate-group"]);
  const extra = Object.fromEntries(
    asked.filter((header) => header.startsWith(extraPrefix)).map((header) => [decodeURIComponent(header.slice(extraPrefix.length)), list(headers[header])]),
  );
  const uid = headers["impersonate-uid"];
  mayImpersonate(identified, authorizers, "", "users", name);
  for (const group of groups) mayImpersonate(identified, authorizers, "", "groups", group);
  if (uid !== undefined) mayImpersonate(identified, authorizers, "authentication.k8s.io", "uids", uid);
  for (const [key, values] of Object.entries(extra))
    for (const value of values) mayImpersonate(identified, authorizers, "authentication.k8s.io", `userextras/${key}`, value);
  return { ...identified, user: impersonated(name, groups, uid, extra) };
}

function impersonated(name: string, groups: readonly string[], uid: string | undefined, extra: UserInfo["extra"] & object): UserInfo {
  const everyone = name === "system:anonymous" ? "system:unauthenticated" : "system:authenticated";
  return {
    name,
    groups: groups.includes(everyone) ? groups : [...groups, everyone],
    ...(uid === undefined ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

function mayImpersonate({ user, path }: Identified, authorizers: readonly Authorizer[], group: string, what: string, name: string): void {
  const [resource = "", subresource = ""] = what.split("/");
  requireAllowed(
    { user, verb: "impersonate", path, resource: { group, version: "v1", resource, subresource, namespace: "", name } },
    authorizers,
  );
}

function list(header: string | undefined): readonly string[] {
  return header === undefined ? [] : header.split(", ").filter((value) => value !== "");
}
