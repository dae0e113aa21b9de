import { domainPrefixedPath } from "../../../api/machinery/prefixed-path.ts";
import { describeFieldError } from "../../../api/machinery/field-error.ts";
import type { UserInfo } from "../../../api/wire.ts";
import type { Attributes, Authorizer } from "../../../auth/authz/authorizer.ts";
import { forbidden } from "../authorize.ts";
import { accountOf, nodeOf } from "./user-kinds.ts";
import type { WantedUser } from "./wanted-user.ts";

/** Who asks, by which verb it must be allowed, and whether the stricter rules of constrained impersonation apply. */
export interface Asking {
  readonly user: UserInfo;
  readonly path: string;
  readonly verb: string;
  readonly isConstrained: boolean;
  readonly authorizer: Authorizer;
}

type Resource = NonNullable<Attributes["resource"]>;

const identityGroup = "authentication.k8s.io";
/** From so many on, leave for all of them is asked for first. */
const many = 4;

/** The user that comes out when each part of the wanted one is allowed. Throws 403. */
export async function checkUser(wanted: WantedUser, asking: Asking): Promise<UserInfo> {
  const groups = await checkName(wanted, asking);
  const { name, uid, extra } = wanted;
  if (uid !== "") await requireLeave(part(asking, { group: identityGroup, resource: "uids", name: uid }), asking);
  await checkGroups(wanted.groups, asking);
  await checkExtra(extra, asking);
  return {
    name,
    ...(uid === "" ? {} : { uid }),
    groups: withEveryone(name, groups),
    ...(extra.size === 0 ? {} : { extra: Object.fromEntries(extra) }),
  };
}

/** The groups that come with the name, where none are asked for. */
async function checkName({ name, groups }: WantedUser, asking: Asking): Promise<readonly string[]> {
  const { isConstrained } = asking;
  const node = isConstrained ? nodeOf(name) : undefined;
  const account = accountOf(name);
  const attributes = part(asking, {
    group: nameGroup(asking),
    ...(node === undefined ? { resource: "users", name } : { resource: "nodes", name: node }),
    ...(account === undefined ? {} : { resource: "serviceaccounts", ...account }),
  });
  const kind = node === undefined ? "service account" : "node";
  if (isConstrained && (node !== undefined || account !== undefined) && groups.length > 0)
    throw forbidden(attributes, `when impersonating a ${kind}, cannot impersonate groups ${quoted(groups)}`);
  await requireLeave(attributes, asking);
  if (groups.length > 0) return groups;
  if (node !== undefined) return ["system:nodes"];
  return account === undefined ? [] : ["system:serviceaccounts", `system:serviceaccounts:${account.namespace}`];
}

async function checkGroups(groups: readonly string[], asking: Asking): Promise<void> {
  const attributes = (name: string): Attributes => part(asking, { group: nameGroup(asking), resource: "groups", name });
  if (asking.isConstrained) {
    if (groups.includes("")) throw forbidden(attributes(""), "impersonating the empty string group is not allowed");
    if (groups.includes("system:masters"))
      throw forbidden(attributes("system:masters"), "impersonating the system:masters group is not allowed");
    if (groups.length >= many && (await hasLeave(attributes("*"), asking))) return;
  }
  for (const group of groups) await requireLeave(attributes(group), asking);
}

async function checkExtra(extra: WantedUser["extra"], asking: Asking): Promise<void> {
  const attributes = (subresource: string, name: string): Attributes =>
    part(asking, { group: identityGroup, resource: "userextras", subresource, name });
  if (asking.isConstrained) {
    const problem = extraProblem(extra);
    if (problem !== undefined) throw forbidden(attributes("", ""), problem);
    const count = [...extra.values()].reduce((sum, values) => sum + values.length, 0);
    if (Math.max(extra.size, count) >= many && (await hasLeave(attributes("*", "*"), asking))) return;
  }
  for (const [key, values] of extra) for (const value of values) await requireLeave(attributes(key, value), asking);
}

function extraProblem(extra: WantedUser["extra"]): string | undefined {
  for (const [key, values] of extra) {
    if (key === "") return "impersonating the empty string key in extra is not allowed";
    const [finding] = domainPrefixedPath("extra.key", key);
    if (finding !== undefined)
      return `impersonating an invalid key in extra is not allowed: ${finding.field}: ${describeFieldError(finding)}`;
    if (key !== key.toLowerCase())
      return `impersonating a non-lowercase key in extra is not allowed: ${JSON.stringify(key)}`;
    if (values.length === 0) return "impersonating empty values in extra is not allowed";
    if (values.includes("")) return "impersonating the empty string value in extra is not allowed";
  }
  return undefined;
}

/** As upstream does it: who is somebody is authenticated, unless told otherwise. */
function withEveryone(name: string, groups: readonly string[]): readonly string[] {
  if (name !== "system:anonymous" && groups.includes("system:unauthenticated")) return groups;
  const everyone = name === "system:anonymous" ? "system:unauthenticated" : "system:authenticated";
  return groups.includes(everyone) ? groups : [...groups, everyone];
}

/** Constrained impersonation has moved users and groups to where uids and extras are. */
function nameGroup({ isConstrained }: Asking): string {
  return isConstrained ? identityGroup : "";
}

function part({ user, verb, path }: Asking, what: Partial<Resource> & Pick<Resource, "resource" | "name">): Attributes {
  const resource = { group: "", version: "v1", subresource: "", namespace: "", ...what };
  return { user, verb, path, resource };
}

export async function requireLeave(attributes: Attributes, { authorizer }: Pick<Asking, "authorizer">): Promise<void> {
  const { opinion, reason, error } = await authorizer(attributes);
  if (opinion === "allow") return;
  throw forbidden(attributes, [error ?? "", reason].filter((text) => text !== "").join(": "));
}

async function hasLeave(attributes: Attributes, { authorizer }: Asking): Promise<boolean> {
  return (await authorizer(attributes)).opinion === "allow";
}

function quoted(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(" ")}]`;
}
