import { validateInlineVolume } from "../core/persistent-volume-validation.ts";
import type { VolumeAttachment } from "../generated/types/storage-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { forbidden, immutable, named, required, tooLong } from "../machinery/findings.ts";
import { dnsSubdomain } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateDriverName } from "./class-parameters.ts";

export const volumeAttachments: ResourceRow = defineResource<VolumeAttachment>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "VolumeAttachment",
  plural: "volumeattachments",
  scope: "Cluster",
  definition: "io.k8s.api.storage.v1.VolumeAttachment",
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  storageVersionHash: "tJx/ezt6UDU=",
  returnsDeleted: true,
  reset: { main: ["status"], status: ["metadata", "spec"] },
  validate: ({ spec, status }, { subresource }) =>
    subresource === "status"
      ? validateStatus(status)
      : [
          ...validateDriverName(spec.attacher, "spec.attacher"),
          ...validateSource(spec.source),
          ...named("spec.nodeName", spec.nodeName, dnsSubdomain(spec.nodeName)),
        ],
  validateUpdate: ({ spec }, old) => immutable("spec", spec, old.spec),
  table: {
    columns: [
      nameColumn,
      { name: "Attacher", type: "string", format: "name", description: "The CSI driver that attaches the volume." },
      { name: "PV", type: "string", description: "The persistent volume to attach." },
      { name: "Node", type: "string", description: "Where to attach it." },
      { name: "Attached", type: "boolean", description: "Whether it is attached." },
      ageColumn,
    ],
    cells: ({ metadata, spec, status }, { now }) => [
      metadata?.name ?? "",
      spec.attacher,
      spec.source.persistentVolumeName ?? "",
      spec.nodeName,
      status?.attached ?? false,
      age(metadata?.creationTimestamp, now),
    ],
  },
});

function validateSource(source: DeepReadonly<VolumeAttachment["spec"]["source"]>): FieldError[] {
  const { inlineVolumeSpec: inline, persistentVolumeName: name } = source;
  const either = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
  if (inline === undefined && name === undefined) return [required("spec.source", either)];
  if (inline !== undefined && name !== undefined) return [forbidden("spec.source", either)];
  if (inline !== undefined) return validateInlineVolume(inline, "spec.source.inlineVolumeSpec");
  if (name !== "") return [];
  return [required("spec.source.persistentVolumeName", "must specify non empty persistentVolumeName")];
}

const longestMetadata = 256 * 1024;
const longestMessage = 1024;

function validateStatus(status: DeepReadonly<VolumeAttachment["status"]>): FieldError[] {
  const entries = Object.entries(status?.attachmentMetadata ?? {});
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  const findings = bytes > longestMetadata ? [tooLong("status.attachmentMetadata", longestMetadata)] : [];
  for (const field of ["attachError", "detachError"] as const)
    if (Buffer.byteLength(status?.[field]?.message ?? "") > longestMessage)
      findings.push(tooLong(`status.${field}.message`, longestMessage));
  return findings;
}
