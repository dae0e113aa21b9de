import type { ResourceClaim } from "../generated/types/resource-v1.ts";
import { immutable } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateDeviceClaim } from "./device-claim-validation.ts";
import { validateClaimStatus } from "./resource-claim-status-validation.ts";

export const resourceClaims: ResourceRow = defineResource<ResourceClaim>({
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceClaim",
  plural: "resourceclaims",
  scope: "Namespaced",
  definition: "io.k8s.api.resource.v1.ResourceClaim",
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  storageVersionHash: "wgAZaHcZxUg=",
  reset: { main: ["status"], status: ["metadata", "spec"] },
  unconditionalUpdate: true,
  returnsDeleted: true,
  // What cannot be changed is not judged again.
  validate: ({ spec }, { operation }) =>
    operation === "update" ? [] : validateDeviceClaim(spec.devices ?? {}, "spec.devices"),
  validateUpdate: (claim, old, { subresource }) =>
    subresource === "status" ? validateClaimStatus(claim, old) : immutable("spec", claim.spec, old.spec),
  table: {
    columns: [
      nameColumn,
      { name: "State", type: "string", description: "How far it has come: pending, allocated, reserved." },
      ageColumn,
    ],
    cells: (claim, { now }) => [claim.metadata?.name ?? "", state(claim), age(claim.metadata?.creationTimestamp, now)],
  },
});

function state({ metadata, status }: DeepReadonly<ResourceClaim>): string {
  const deleted = metadata?.deletionTimestamp ? ["deleted"] : [];
  if (status?.allocation === undefined) return deleted[0] ?? "pending";
  const reserved = (status.reservedFor ?? []).length > 0 ? ["reserved"] : [];
  return [...deleted, "allocated", ...reserved].join(",");
}
