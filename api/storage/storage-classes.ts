import type { StorageClass } from "../generated/types/storage-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import { forbidden, immutable, required, oneOf } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateParameters, validateProvisioner } from "./class-parameters.ts";
import { storageClassWarnings } from "./storage-class-warnings.ts";
import { validateTopologies } from "./topology-terms.ts";

const isDefault = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

export const storageClasses: ResourceRow = defineResource<StorageClass>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "StorageClass",
  plural: "storageclasses",
  shortNames: ["sc"],
  scope: "Cluster",
  definition: "io.k8s.api.storage.v1.StorageClass",
  storageVersionHash: "K+m6uJwbjGY=",
  unconditionalUpdate: true,
  returnsDeleted: true,
  validate: (storageClass) => [
    ...validateProvisioner(storageClass.provisioner, "provisioner"),
    ...validateParameters(storageClass.parameters ?? {}, "parameters"),
    ...oneOf("reclaimPolicy", storageClass.reclaimPolicy, ["Delete", "Retain"]),
    ...(storageClass.volumeBindingMode === undefined ? [required("volumeBindingMode")] : []),
    ...oneOf("volumeBindingMode", storageClass.volumeBindingMode, ["Immediate", "WaitForFirstConsumer"]),
    ...validateTopologies(storageClass.allowedTopologies ?? []),
  ],
  warn: storageClassWarnings,
  validateUpdate: (storageClass, old) => [
    ...unchangeable
      .filter((name) => !semanticEqual(storageClass[name], old[name]))
      .map((name) => forbidden(name, `updates to ${name} are forbidden.`)),
    ...immutable("volumeBindingMode", storageClass.volumeBindingMode, old.volumeBindingMode),
  ],
  table: {
    columns: [
      nameColumn,
      { name: "Provisioner", type: "string", description: "Who makes the volumes." },
      { name: "ReclaimPolicy", type: "string", description: "What becomes of a volume whose claim is deleted." },
      { name: "VolumeBindingMode", type: "string", description: "When a volume is made and bound." },
      { name: "AllowVolumeExpansion", type: "string", description: "Whether claims may grow." },
      ageColumn,
    ],
    cells: (storageClass, { now }) => [
      `${storageClass.metadata?.name ?? ""}${isDefaultClass(storageClass) ? " (default)" : ""}`,
      storageClass.provisioner,
      storageClass.reclaimPolicy ?? "Delete",
      storageClass.volumeBindingMode ?? "Immediate",
      storageClass.allowVolumeExpansion ?? false,
      age(storageClass.metadata?.creationTimestamp, now),
    ],
  },
});

const unchangeable = ["parameters", "provisioner", "reclaimPolicy"] as const;

function isDefaultClass({ metadata }: DeepReadonly<StorageClass>): boolean {
  return isDefault.some((annotation) => metadata?.annotations?.[annotation] === "true");
}
