import type { VolumeAttributesClass } from "../generated/types/storage-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import { forbidden, required } from "../machinery/findings.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateParameters, validateProvisioner } from "./class-parameters.ts";

export const volumeAttributesClasses: ResourceRow = defineResource<VolumeAttributesClass>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "VolumeAttributesClass",
  plural: "volumeattributesclasses",
  shortNames: ["vac"],
  scope: "Cluster",
  definition: "io.k8s.api.storage.v1.VolumeAttributesClass",
  storageVersionHash: "tIjydgKBC5w=",
  unconditionalUpdate: true,
  returnsDeleted: true,
  validate: ({ driverName, parameters }) => [
    ...validateProvisioner(driverName, "driverName"),
    ...(Object.keys(parameters ?? {}).length === 0
      ? [required("parameters", "must contain at least one key/value pair")]
      : []),
    ...validateParameters(parameters ?? {}, "parameters"),
  ],
  validateUpdate: (attributes, old) =>
    (["driverName", "parameters"] as const)
      .filter((name) => !semanticEqual(attributes[name], old[name]))
      .map((name) => forbidden(name, `updates to ${name} are forbidden.`)),
  table: {
    columns: [
      nameColumn,
      { name: "DriverName", type: "string", description: "The CSI driver that understands the parameters." },
      ageColumn,
    ],
    cells: ({ metadata, driverName }, { now }) => [
      metadata?.name ?? "",
      driverName,
      age(metadata?.creationTimestamp, now),
    ],
  },
});
