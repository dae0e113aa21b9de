import type { CSIStorageCapacity } from "../generated/types/storage-v1.ts";
import { immutable, named } from "../machinery/findings.ts";
import { validateLabelSelector } from "../machinery/label-validation.ts";
import { dnsSubdomain } from "../machinery/names.ts";
import { defineResource, type ResourceRow } from "../resource.ts";

export const csiStorageCapacities: ResourceRow = defineResource<CSIStorageCapacity>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIStorageCapacity",
  plural: "csistoragecapacities",
  scope: "Namespaced",
  definition: "io.k8s.api.storage.v1.CSIStorageCapacity",
  storageVersionHash: "xeVl+2Ly1kE=",
  validate: ({ nodeTopology, storageClassName }) => [
    ...named("storageClassName", storageClassName, dnsSubdomain(storageClassName)),
    ...validateLabelSelector(nodeTopology, "nodeTopology"),
  ],
  validateUpdate: ({ nodeTopology, storageClassName }, old) => [
    ...immutable("nodeTopology", nodeTopology, old.nodeTopology),
    ...immutable("storageClassName", storageClassName, old.storageClassName),
  ],
});
