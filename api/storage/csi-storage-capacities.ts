import { nodeSelectorWarnings } from "../core/node-label-warnings.ts";
import type { CSIStorageCapacity } from "../generated/types/storage-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, immutable, named } from "../machinery/findings.ts";
import { validateLabelSelector } from "../machinery/label-validation.ts";
import { dnsSubdomain } from "../machinery/names.ts";
import { tryQuantity } from "../machinery/quantity.ts";
import { defineResource, type ResourceRow } from "../resource.ts";

export const csiStorageCapacities: ResourceRow = defineResource<CSIStorageCapacity>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIStorageCapacity",
  plural: "csistoragecapacities",
  scope: "Namespaced",
  definition: "io.k8s.api.storage.v1.CSIStorageCapacity",
  storageVersionHash: "xeVl+2Ly1kE=",
  validate: ({ nodeTopology, storageClassName, capacity, maximumVolumeSize }) => [
    ...named("storageClassName", storageClassName, dnsSubdomain(storageClassName)),
    ...validateLabelSelector(nodeTopology, "nodeTopology"),
    ...nonNegativeAmount("capacity", capacity),
    ...nonNegativeAmount("maximumVolumeSize", maximumVolumeSize),
  ],
  warn: ({ nodeTopology }) => nodeSelectorWarnings(nodeTopology, "nodeTopology"),
  validateUpdate: ({ nodeTopology, storageClassName }, old) => [
    ...immutable("nodeTopology", nodeTopology, old.nodeTopology),
    ...immutable("storageClassName", storageClassName, old.storageClassName),
  ],
});

function nonNegativeAmount(field: string, text: string | undefined): FieldError[] {
  const quantity = text === undefined ? undefined : tryQuantity(text);
  return quantity !== undefined && quantity.nano < 0n ? [bad(field, text, "must be greater than or equal to 0")] : [];
}
