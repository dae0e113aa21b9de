import type { PersistentVolume } from "../generated/types/core-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { formatTime } from "../machinery/time.ts";
import { defineResource, type ResourceRow, type WriteContext } from "../resource.ts";
import { accessModes } from "./cells.ts";
import { validatePersistentVolume, validateVolumeUpdate } from "./persistent-volume-validation.ts";
import { classOf, storageSize } from "./storage-claims.ts";

type ReadonlyVolume = DeepReadonly<PersistentVolume>;

export const persistentVolumes: ResourceRow = defineResource<PersistentVolume>({
  group: "",
  version: "v1",
  kind: "PersistentVolume",
  plural: "persistentvolumes",
  shortNames: ["pv"],
  scope: "Cluster",
  definition: "io.k8s.api.core.v1.PersistentVolume",
  storageVersionHash: "HN/zwEC+JgM=",
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  reset: { main: ["status"], status: ["spec"] },
  unconditionalUpdate: true,
  returnsDeleted: true,
  prepareForCreate(volume, { now }) {
    volume.status = { phase: "Pending", lastPhaseTransitionTime: formatTime(now) };
  },
  prepareForUpdate,
  validate: (volume, { subresource }) => (subresource === "status" ? [] : validatePersistentVolume(volume)),
  validateUpdate: (volume, old, { subresource }) => (subresource === "status" ? [] : validateVolumeUpdate(volume, old)),
  table: {
    columns: [
      nameColumn,
      { name: "Capacity", type: "string", description: "How much it holds." },
      { name: "Access Modes", type: "string", description: "In which ways it can be mounted." },
      { name: "Reclaim Policy", type: "string", description: "What becomes of it after its claim is gone." },
      { name: "Status", type: "string", description: "Whether it is free, bound or released." },
      { name: "Claim", type: "string", description: "The claim that it is bound to." },
      { name: "StorageClass", type: "string", description: "Its storage class." },
      { name: "VolumeAttributesClass", type: "string", description: "Its class of volume attributes." },
      { name: "Reason", type: "string", description: "Why it failed, if it did." },
      ageColumn,
      { name: "VolumeMode", type: "string", priority: 1, description: "Filesystem, or Block." },
    ],
    cells: (volume, { now }) => {
      const { metadata, spec, status } = volume;
      const claim = spec?.claimRef;
      return [
        metadata?.name ?? "",
        storageSize(spec?.capacity),
        accessModes(spec?.accessModes),
        spec?.persistentVolumeReclaimPolicy ?? "",
        metadata?.deletionTimestamp ? "Terminating" : (status?.phase ?? ""),
        claim === undefined ? "" : `${claim.namespace ?? ""}/${claim.name ?? ""}`,
        classOf(volume),
        spec?.volumeAttributesClassName ?? "<unset>",
        status?.reason ?? "",
        age(metadata?.creationTimestamp, now),
        spec?.volumeMode ?? "<unset>",
      ];
    },
  },
});

function prepareForUpdate(volume: PersistentVolume, old: ReadonlyVolume, { subresource, now }: WriteContext): void {
  const { status } = volume;
  if (subresource !== "status" || status === undefined || status.phase === old.status?.phase) return;
  // A writer that says when (a restore, say) is believed.
  if (status.lastPhaseTransitionTime === old.status?.lastPhaseTransitionTime)
    status.lastPhaseTransitionTime = formatTime(now);
}
