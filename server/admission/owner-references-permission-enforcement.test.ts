import { describe, expect, it } from "vitest";
import { allowed as allow, type Attributes, noOpinion } from "../../auth/authz/authorizer.ts";
import type { KubeObject, OwnerReference } from "../../api/machinery/object.ts";
import { admissionRequest, refusal } from "./objects.testing.ts";
import { ownerReferencesPermissionEnforcement } from "./owner-references-permission-enforcement.ts";

function ownedBy(...ownerReferences: OwnerReference[]): KubeObject {
  return { metadata: { name: "x", ownerReferences } };
}

const owner: OwnerReference = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "rs", uid: "1" };
const blocking: OwnerReference = { ...owner, blockOwnerDeletion: true };

async function ask(
  object: KubeObject,
  old: KubeObject | undefined,
  allowed: (attributes: Attributes) => boolean,
): Promise<string | undefined> {
  const plugin = ownerReferencesPermissionEnforcement({
    authorize: (attributes) => (allowed(attributes) ? allow : noOpinion),
    resourcesOf: (apiVersion, kind) =>
      apiVersion === "apps/v1" && kind === "ReplicaSet"
        ? [{ group: "apps", version: "v1", resource: "replicasets", namespaced: true }]
        : [],
  });
  return refusal(plugin, admissionRequest("pods", { object, old }));
}

const nothing = (): boolean => false;
const mayDelete = ({ verb }: Attributes): boolean => verb === "delete";

describe("OwnerReferencesPermissionEnforcement", () => {
  it("asks nothing of who leaves owners as they are", async () => {
    expect(await ask(ownedBy(owner), ownedBy(owner), nothing)).toBeUndefined();
    expect(await ask(ownedBy(owner), undefined, nothing)).toBeUndefined();
  });

  it("asks who changes owners for the permission to delete", async () => {
    expect(await ask(ownedBy(owner), ownedBy(), nothing)).toBe(
      `pods "x" is forbidden: cannot set an ownerRef on a resource you can't delete: , <nil>`,
    );
    expect(await ask(ownedBy(owner), ownedBy(), mayDelete)).toBeUndefined();
  });

  it("asks who blocks a deletion for the owner's finalizers", async () => {
    const why = `pods "x" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: , <nil>`;
    expect(await ask(ownedBy(blocking), undefined, nothing)).toBe(why);
    expect(await ask(ownedBy(blocking), ownedBy(owner), mayDelete)).toBe(why);
    const asked: Attributes[] = [];
    const remember = (attributes: Attributes): boolean => asked.push(attributes) > 0;
    expect(await ask(ownedBy(blocking), undefined, remember)).toBeUndefined();
    expect(asked.map(({ verb, resource }) => ({ verb, resource }))).toEqual([
      {
        verb: "update",
        resource: {
          group: "apps",
          version: "v1",
          resource: "replicasets",
          subresource: "finalizers",
          namespace: "ns",
          name: "rs",
        },
      },
    ]);
  });

  it("refuses to block the deletion of what it does not know", async () => {
    expect(await ask(ownedBy({ ...blocking, kind: "Widget" }), undefined, mayDelete)).toBe(
      'pods "x" is forbidden: cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion apps/v1 Kind Widget: no matches for kind "Widget" in version "apps/v1"',
    );
  });
});
