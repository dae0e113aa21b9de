import type { Attributes, Authorizer } from "../../auth/authz/authorizer.ts";
import { semanticEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly, KubeObject, OwnerReference } from "../../api/machinery/object.ts";
import { forbid } from "./forbid.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./plugin.ts";
import { isAbout, pods } from "./written.ts";

/** A resource whose objects are of some kind. */
export interface OwnerResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespaced: boolean;
}

/**
 * Who makes an object someone's dependent can have it deleted; who blocks an owner's deletion can keep it. Both need
 * the permission to do so directly.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#ownerreferencespermissionenforcement
 */
export function ownerReferencesPermissionEnforcement(deps: {
  readonly authorize: Authorizer;
  /** The resources that serve a kind; none when it is not known. */
  readonly resourcesOf: (apiVersion: string, kind: string) => readonly OwnerResource[];
}): AdmissionPlugin {
  return {
    name: "OwnerReferencesPermissionEnforcement",
    async validate(request) {
      const { operation, object, old } = request;
      if ((operation !== "CREATE" && operation !== "UPDATE") || object === undefined) return;
      // Nodes write statuses, which leave owners as they are.
      if (isAbout(request, pods, "status")) return;
      const owners = ownersOf(object);
      const before = ownersOf(old);
      if (owners.length === before.length && owners.every((owner, index) => semanticEqual(owner, before[index])))
        return;
      if (operation === "UPDATE" && (await deps.authorize(deletion(request))).opinion !== "allow")
        throw forbid(request, "cannot set an ownerRef on a resource you can't delete: , <nil>");
      for (const owner of owners) if (startsBlocking(owner, before)) await refuseUnlessFinalizer(request, owner, deps);
    },
  };
}

function ownersOf(object: DeepReadonly<KubeObject> | undefined): readonly DeepReadonly<OwnerReference>[] {
  return object?.metadata?.ownerReferences ?? [];
}

function startsBlocking(owner: DeepReadonly<OwnerReference>, before: readonly DeepReadonly<OwnerReference>[]): boolean {
  if (owner.blockOwnerDeletion !== true) return false;
  return before.find(({ uid }) => uid === owner.uid)?.blockOwnerDeletion !== true;
}

function deletion({ user, requested, kind, namespace, name, subresource }: AdmissionRequest): Attributes {
  const { group, version } = requested.served;
  return {
    user,
    verb: "delete",
    resource: { group, version, resource: kind.row.plural, subresource, namespace, name },
    path: "",
  };
}

async function refuseUnlessFinalizer(
  request: AdmissionRequest,
  owner: DeepReadonly<OwnerReference>,
  { authorize, resourcesOf }: Parameters<typeof ownerReferencesPermissionEnforcement>[0],
): Promise<void> {
  const { apiVersion, kind, name } = owner;
  const resources = resourcesOf(apiVersion, kind);
  if (resources.length === 0) {
    const missing = `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`;
    throw forbid(
      request,
      `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${apiVersion} Kind ${kind}: ${missing}`,
    );
  }
  for (const { group, version, resource, namespaced } of resources) {
    // An owner is of the same namespace as its dependents.
    const namespace = namespaced ? request.namespace : "";
    const { opinion } = await authorize({
      user: request.user,
      verb: "update",
      resource: { group, version, resource, subresource: "finalizers", namespace, name },
      path: "",
    });
    if (opinion === "allow") continue;
    throw forbid(
      request,
      "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: , <nil>",
    );
  }
}
