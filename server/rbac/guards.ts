import type { Authorizer } from "../../auth/authz/authorizer.ts";
import type { BindingObject, RoleObject, Rule } from "../../auth/authz/rbac/rule.ts";
import type { ClusterRole } from "../../api/generated/types/rbac-v1.ts";
import { semanticEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { ApiError, notFound, qualified } from "../../api/machinery/status.ts";
import type { Guard } from "../strategy/guard.ts";
import type { WriteRequest } from "../strategy/write-request.ts";
import { escalationProblem } from "./confirm-no-escalation.ts";
import type { Rbac } from "./create-rbac.ts";

const group = "rbac.authorization.k8s.io";
const fullAuthority: readonly Rule[] = [
  { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
  { verbs: ["*"], nonResourceURLs: ["*"] },
];
const roleResources: ReadonlyMap<string, string> = new Map([
  ["ClusterRole", "clusterroles"],
  ["Role", "roles"],
]);

interface GuardDeps {
  readonly rbac: Rbac;
  readonly authorize: Authorizer;
}

/**
 * Nobody grants more than he has, unless he is explicitly allowed to; by storage prefix.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
 */
export function rbacGuards(deps: GuardDeps): ReadonlyMap<string, Guard> {
  const roles = roleGuard(deps);
  const bindings = bindingGuard(deps);
  return new Map([
    ["clusterroles", roles],
    ["roles", roles],
    ["clusterrolebindings", bindings],
    ["rolebindings", bindings],
  ]);
}

/** Who writes a role must hold its rules, or be allowed to `escalate` it. */
function roleGuard({ rbac, authorize }: GuardDeps): Guard {
  return async (request, object, old) => {
    if (isPrivileged(request) || (await mayEscalate(request, authorize))) return;
    if (old !== undefined && changesOnlyCollection(object, old)) return;
    const { user, namespace } = request;
    const index = await rbac.index();
    const problem = escalationProblem(index, user, namespace, (object as RoleObject).rules ?? []);
    if (problem !== undefined) throw forbidden(request, object, problem);
    if (!isAggregated(object) && !isAggregated(old)) return;
    if (escalationProblem(index, user, namespace, fullAuthority) !== undefined)
      throw forbidden(request, object, "must have cluster-admin privileges to use the aggregationRule");
  };
}

/** Who binds a role must hold its rules in the same place, or be allowed to `bind` it. */
function bindingGuard({ rbac, authorize }: GuardDeps): Guard {
  return async (request, object, old) => {
    if (isPrivileged(request) || (old !== undefined && changesOnlyCollection(object, old))) return;
    const { kind = "", name = "", apiGroup = "" } = (object as BindingObject).roleRef ?? {};
    const resource = roleResources.get(kind);
    // Refused as invalid.
    if (resource === undefined) return;
    const { user, namespace } = request;
    const asked = { group: apiGroup, version: "*", resource, subresource: "", namespace, name };
    if (await allows(authorize, request, "bind", asked)) return;
    const index = await rbac.index();
    const rules = index.rulesOf(kind, namespace, name);
    if (rules === undefined) throw notFound({ group, resource }, name);
    const problem = escalationProblem(index, user, namespace, rules);
    if (problem !== undefined) throw forbidden(request, object, problem);
  };
}

/** The server's own, and those who may do everything anyway. */
function isPrivileged({ user }: WriteRequest): boolean {
  return user.groups.includes("system:masters");
}

function mayEscalate(request: WriteRequest, authorize: Authorizer): Promise<boolean> {
  const { kind, namespace, options } = request;
  // The URL of a creation has no name.
  const name = options["kind"] === "CreateOptions" ? "" : request.name;
  const resource = kind.row.plural;
  return allows(authorize, request, "escalate", { group, version: "*", resource, subresource: "", namespace, name });
}

async function allows(
  authorize: Authorizer,
  { user }: WriteRequest,
  verb: string,
  resource: NonNullable<Parameters<Authorizer>[0]["resource"]>,
): Promise<boolean> {
  const { opinion } = await authorize({ user, verb, resource, path: "" });
  return opinion === "allow";
}

/** So the garbage collector can do its work on objects whose rules it does not hold. */
function changesOnlyCollection(object: DeepReadonly<KubeObject>, old: DeepReadonly<KubeObject>): boolean {
  const bare = ({ metadata, ...rest }: DeepReadonly<KubeObject>): object => {
    const { ownerReferences: _owners, finalizers: _finalizers, managedFields: _managers, ...others } = metadata ?? {};
    return { ...rest, metadata: others };
  };
  return semanticEqual(bare(object), bare(old));
}

function isAggregated(object: DeepReadonly<KubeObject> | undefined): boolean {
  return ((object as DeepReadonly<ClusterRole> | undefined)?.aggregationRule?.clusterRoleSelectors ?? []).length > 0;
}

function forbidden({ kind }: WriteRequest, { metadata }: DeepReadonly<KubeObject>, why: string): ApiError {
  const name = metadata?.name ?? "";
  const { groupResource } = kind.row;
  const called = name === "" ? "" : ` ${JSON.stringify(name)}`;
  return new ApiError("Forbidden", `${qualified(groupResource)}${called} is forbidden: ${why}`, {
    details: { ...(name === "" ? {} : { name }), group, kind: groupResource.resource },
  });
}
