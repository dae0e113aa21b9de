import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from "../generated/types/core-v1.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { accessModes } from "./cells.ts";
import { validateClaimStatus, validateClaimUpdate } from "./claim-update-validation.ts";
import { validateClaimSpec } from "./claim-validation.ts";
import { classOf, storageSize } from "./storage-claims.ts";

export const persistentVolumeClaims: ResourceRow = defineResource<PersistentVolumeClaim>({
  group: "",
  version: "v1",
  kind: "PersistentVolumeClaim",
  plural: "persistentvolumeclaims",
  shortNames: ["pvc"],
  scope: "Namespaced",
  definition: "io.k8s.api.core.v1.PersistentVolumeClaim",
  storageVersionHash: "QWTyNDq0dC4=",
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  reset: { main: ["status"], status: ["spec"] },
  unconditionalUpdate: true,
  returnsDeleted: true,
  prepareForCreate(claim) {
    claim.status = { phase: "Pending" };
    completeDataSource(claim.spec);
  },
  prepareForUpdate(claim, _old, { subresource }) {
    if (subresource === "") completeDataSource(claim.spec);
  },
  validate: (claim, { subresource }) =>
    subresource === "status" ? validateClaimStatus(claim) : validateClaimSpec(claim.spec ?? {}, "spec"),
  validateUpdate: (claim, old, { subresource }) => (subresource === "status" ? [] : validateClaimUpdate(claim, old)),
  table: {
    columns: [
      nameColumn,
      { name: "Status", type: "string", description: "Whether the claim is bound." },
      { name: "Volume", type: "string", description: "The volume that it is bound to." },
      { name: "Capacity", type: "string", description: "How much the volume holds." },
      { name: "Access Modes", type: "string", description: "In which ways the volume can be mounted." },
      { name: "StorageClass", type: "string", description: "The storage class that is asked for." },
      {
        name: "VolumeAttributesClass",
        type: "string",
        description: "The class of volume attributes that is asked for.",
      },
      ageColumn,
      { name: "VolumeMode", type: "string", priority: 1, description: "Filesystem, or Block." },
    ],
    cells: (claim, { now }) => {
      const { metadata, spec, status } = claim;
      const bound = Boolean(spec?.volumeName);
      return [
        metadata?.name ?? "",
        metadata?.deletionTimestamp ? "Terminating" : (status?.phase ?? ""),
        spec?.volumeName ?? "",
        bound ? storageSize(status?.capacity) : "",
        bound ? accessModes(status?.accessModes) : "",
        classOf(claim),
        spec?.volumeAttributesClassName ?? "<unset>",
        age(metadata?.creationTimestamp, now),
        spec?.volumeMode ?? "<unset>",
      ];
    },
  },
});

/** dataSource is the older field: what either can say is kept in both (KEP-1495). */
function completeDataSource(spec: PersistentVolumeClaimSpec | undefined): void {
  if (spec === undefined) return;
  const { dataSource, dataSourceRef } = spec;
  if (dataSource !== undefined && dataSourceRef === undefined) spec.dataSourceRef = { ...dataSource };
  if (dataSource !== undefined || dataSourceRef === undefined || dataSourceRef.namespace) return;
  const { apiGroup, kind, name } = dataSourceRef;
  const known =
    (!apiGroup && kind === "PersistentVolumeClaim") ||
    (apiGroup === "snapshot.storage.k8s.io" && kind === "VolumeSnapshot");
  if (known) spec.dataSource = { ...(apiGroup === undefined ? {} : { apiGroup }), kind, name };
}
