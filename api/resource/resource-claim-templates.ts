import type { ResourceClaimTemplate } from "../generated/types/resource-v1.ts";
import { immutable } from "../machinery/findings.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateDeviceClaim } from "./device-claim-validation.ts";

export const resourceClaimTemplates: ResourceRow = defineResource<ResourceClaimTemplate>({
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceClaimTemplate",
  plural: "resourceclaimtemplates",
  scope: "Namespaced",
  definition: "io.k8s.api.resource.v1.ResourceClaimTemplate",
  storageVersionHash: "TuzjC49aUfM=",
  unconditionalUpdate: true,
  returnsDeleted: true,
  validate: ({ spec }, { operation }) =>
    operation === "update" ? [] : validateDeviceClaim(spec.spec.devices ?? {}, "spec.spec.devices"),
  validateUpdate: ({ spec }, old) => immutable("spec", spec, old.spec),
  table: {
    columns: [nameColumn, ageColumn],
    cells: ({ metadata }, { now }) => [metadata?.name ?? "", age(metadata?.creationTimestamp, now)],
  },
});
