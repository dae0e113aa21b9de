import type { DeviceClass } from "../generated/types/resource-v1.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateSelectors } from "./device-claim-validation.ts";

export const deviceClasses: ResourceRow = defineResource<DeviceClass>({
  group: "resource.k8s.io",
  version: "v1",
  kind: "DeviceClass",
  plural: "deviceclasses",
  scope: "Cluster",
  definition: "io.k8s.api.resource.v1.DeviceClass",
  storageVersionHash: "Yk2PTc1Ybxk=",
  generation: ({ spec }) => [spec],
  unconditionalUpdate: true,
  returnsDeleted: true,
  validate: ({ spec }) => validateSelectors(spec.selectors ?? [], "spec.selectors"),
  table: {
    columns: [nameColumn, ageColumn],
    cells: ({ metadata }, { now }) => [metadata?.name ?? "", age(metadata?.creationTimestamp, now)],
  },
});
