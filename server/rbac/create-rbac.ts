import type { Authorizer } from "../../auth/authz/authorizer.ts";
import { rbacAuthorizer } from "../../auth/authz/rbac/rbac-authorizer.ts";
import { RbacIndex } from "../../auth/authz/rbac/rbac-index.ts";
import type { BindingKind, BindingObject, RoleKind, RoleObject } from "../../auth/authz/rbac/rule.ts";
import { userRules } from "../../auth/authz/rbac/rules-of-user.ts";
import type { RuleResolver } from "../../auth/authz/rule-resolver.ts";
import { everything } from "../../api/machinery/labels.ts";
import type { Kind } from "../encoding/kind.ts";
import type { Cache } from "../watch-cache/cache.ts";
import type { Record, RecordMeta } from "../watch-cache/record.ts";
import type { ResourceCache } from "../watch-cache/resource-cache.ts";

/** What stored roles and bindings allow. */
export interface Rbac {
  /** Answers at once, but for the first requests, for which the objects have to be read. */
  readonly authorizer: Authorizer;
  readonly rulesOf: RuleResolver;
  /** Holds what was written last, from the moment in which the write is answered. */
  index(): RbacIndex | Promise<RbacIndex>;
}

interface RbacDeps {
  readonly cache: Cache;
  /** By `roles.rbac.authorization.k8s.io`; undefined for what is not served. */
  readonly kindOf: (resource: string) => Kind | undefined;
}

export function createRbac({ cache, kindOf }: RbacDeps): Rbac {
  const loaded = new RbacIndex();
  const decide = rbacAuthorizer(loaded);
  let isLoaded = false;
  let loading: Promise<RbacIndex> | undefined;
  const load = async (): Promise<RbacIndex> => {
    try {
      const sources = await Promise.all(
        sourcesOf(loaded).map(async ({ resource, ...source }) => {
          const kind = kindOf(`${resource}.rbac.authorization.k8s.io`);
          return kind && { objects: await cache.resource(kind), source };
        }),
      );
      // In one tick: nothing that happens now is missed.
      for (const found of sources) if (found !== undefined) follow(found.objects, found.source);
      isLoaded = true;
      return loaded;
    } finally {
      loading = undefined;
    }
  };
  const index = (): RbacIndex | Promise<RbacIndex> => (isLoaded ? loaded : (loading ??= load()));
  return {
    index,
    authorizer: (attributes) => (isLoaded ? decide(attributes) : later(index(), () => decide(attributes))),
    rulesOf: (user, namespace) => later(index(), (known) => userRules(known, user, namespace)),
  };
}

async function later<T>(index: RbacIndex | Promise<RbacIndex>, then: (index: RbacIndex) => T): Promise<T> {
  return then(await index);
}

interface Source {
  put(record: Record): void;
  remove(meta: RecordMeta): void;
}

function sourcesOf(index: RbacIndex): readonly (Source & { readonly resource: string })[] {
  const roles = (kind: RoleKind): Source => ({
    put: (record) => index.putRole(kind, record.object() as RoleObject),
    remove: ({ namespace, name }) => index.removeRole(kind, namespace, name),
  });
  const bindings = (kind: BindingKind): Source => ({
    put: (record) => index.putBinding(kind, record.object() as BindingObject),
    remove: ({ namespace, name }) => index.removeBinding(namespace, name),
  });
  return [
    { resource: "clusterroles", ...roles("ClusterRole") },
    { resource: "roles", ...roles("Role") },
    { resource: "clusterrolebindings", ...bindings("ClusterRoleBinding") },
    { resource: "rolebindings", ...bindings("RoleBinding") },
  ];
}

/** Hears of each change in the very tick in which it can be read. */
function follow(objects: ResourceCache, { put, remove }: Source): void {
  for (const record of objects.select({ namespace: "", labels: everything, fields: [] })) put(record);
  objects.listen({
    indexKey: "",
    offer({ current, previous }) {
      if (current !== undefined) put(current);
      else if (previous !== undefined) remove(previous.meta);
    },
    wake() {},
  });
}
