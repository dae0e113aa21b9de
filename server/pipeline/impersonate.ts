import type { Authorizer } from "../../auth/authz/authorizer.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { UserInfo } from "../../api/wire.ts";
import { requireAllowed } from "./authorize.ts";
import type { Identified } from "./stages.ts";

const extraPrefix = "impersonate-extra-";
const serviceAccount = /^system:serviceaccount:(?<namespace>[^:]+):(?<name>[^:]+)$/;

/**
 * Acts as another user where the asking one may.
 * https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
 */
export async function impersonate(identified: Identified, authorizer: Authorizer): Promise<Identified> {
  const { headers } = identified.request;
  const asked = Object.keys(headers).filter((name) => name.startsWith("impersonate-"));
  if (asked.length === 0) return identified;
  const name = headers["impersonate-user"];
  if (name === undefined || name === "")
    throw new ApiError("BadRequest", "requested impersonation without a user: the Impersonate-User header is missing");
  const groups = list(headers["impersonate-group"]);
  const extra = Object.fromEntries(
    asked
      .filter((header) => header.startsWith(extraPrefix))
      .map((header) => [extraKey(header.slice(extraPrefix.length)), list(headers[header])]),
  );
  const uid = headers["impersonate-uid"];
  const account = serviceAccount.exec(name)?.groups;
  const allow = (what: Impersonated): Promise<void> => requireMay(identified, authorizer, what);
  if (account === undefined) await allow({ resource: "users", name });
  else await allow({ resource: "serviceaccounts", namespace: account["namespace"] ?? "", name: account["name"] ?? "" });
  for (const group of groups) await allow({ resource: "groups", name: group });
  if (uid !== undefined) await allow({ group: "authentication.k8s.io", resource: "uids", name: uid });
  for (const [key, values] of Object.entries(extra))
    for (const value of values)
      await allow({ group: "authentication.k8s.io", resource: "userextras", subresource: key, name: value });
  const known = groups.length === 0 && account !== undefined ? accountGroups(account["namespace"] ?? "") : groups;
  return { ...identified, user: impersonated(name, known, uid, extra) };
}

/** A service account's groups follow from its name. */
function accountGroups(namespace: string): readonly string[] {
  return ["system:serviceaccounts", `system:serviceaccounts:${namespace}`];
}

/** Percent-encoded, since header names know neither "/" nor upper case; what cannot be decoded stands for itself. */
function extraKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function impersonated(
  name: string,
  groups: readonly string[],
  uid: string | undefined,
  extra: UserInfo["extra"] & object,
): UserInfo {
  const everyone = name === "system:anonymous" ? "system:unauthenticated" : "system:authenticated";
  return {
    name,
    groups: groups.includes(everyone) ? groups : [...groups, everyone],
    ...(uid === undefined ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

interface Impersonated {
  readonly group?: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name: string;
}

async function requireMay({ user, path }: Identified, authorizer: Authorizer, what: Impersonated): Promise<void> {
  const resource = { group: "", version: "v1", subresource: "", namespace: "", ...what };
  await requireAllowed({ user, verb: "impersonate", path, resource }, authorizer);
}

function list(header: string | undefined): readonly string[] {
  return header === undefined ? [] : header.split(", ").filter((value) => value !== "");
}
