import type { PersistentVolume, PersistentVolumeSpec } from "../generated/types/core-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, immutable, named, required, unsupported } from "../machinery/findings.ts";
import { dnsSubdomain } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { isQuantity, parseQuantity } from "../machinery/quantity.ts";
import { formatTime } from "../machinery/time.ts";
import { defineResource, type ResourceRow, type WriteContext } from "../resource.ts";
import { accessModes } from "./cells.ts";
import { classOf, oneWriterAlone, storageSize } from "./storage-claims.ts";
import { hostPath } from "./volume-validation.ts";

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
  validate: ({ spec }) => (spec === undefined ? [required("spec")] : validateSpec(spec)),
  validateUpdate,
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

/** Everything of the spec that is not a source of the volume. */
const plainFields: ReadonlySet<string> = new Set([
  "accessModes",
  "capacity",
  "claimRef",
  "mountOptions",
  "nodeAffinity",
  "persistentVolumeReclaimPolicy",
  "storageClassName",
  "volumeAttributesClassName",
  "volumeMode",
]);

function sourceOf(spec: DeepReadonly<PersistentVolumeSpec> | undefined): Readonly<Record<string, unknown>> {
  const members = Object.entries(spec ?? {}).filter(
    ([field, value]) => !plainFields.has(field) && value !== undefined && value !== null,
  );
  return Object.fromEntries(members);
}

function validateSpec(spec: DeepReadonly<PersistentVolumeSpec>): FieldError[] {
  const findings: FieldError[] = [];
  if ((spec.accessModes?.length ?? 0) === 0) findings.push(required("spec.accessModes"));
  findings.push(...oneWriterAlone(spec.accessModes ?? []), ...capacity(spec.capacity ?? {}));
  const [first, ...more] = Object.keys(sourceOf(spec));
  if (first === undefined) findings.push(required("spec", "must specify a volume type"));
  for (const source of more) findings.push(forbidden(`spec.${source}`, "may not specify more than 1 volume type"));
  if (spec.hostPath !== undefined) findings.push(...hostPath(spec.hostPath.path, "spec.hostPath"));
  if (spec.hostPath?.path === "/" && spec.persistentVolumeReclaimPolicy === "Recycle") {
    findings.push(forbidden("spec.persistentVolumeReclaimPolicy", "may not be 'recycle' for a hostPath mount of '/'"));
  }
  if (spec.local !== undefined && spec.nodeAffinity?.required === undefined) {
    findings.push(required("spec.nodeAffinity", "Local volume requires node affinity"));
  }
  if (spec.storageClassName)
    findings.push(...named("spec.storageClassName", spec.storageClassName, dnsSubdomain(spec.storageClassName)));
  return findings;
}

function capacity(map: Readonly<Record<string, string>>): FieldError[] {
  const findings: FieldError[] = [];
  const resources = Object.keys(map);
  if (resources.length === 0) findings.push(required("spec.capacity"));
  if (resources.length !== 1 || resources[0] !== "storage")
    findings.push(unsupported("spec.capacity", map, ["storage"]));
  for (const [resource, text] of Object.entries(map)) {
    if (isQuantity(text) && parseQuantity(text).nano <= 0n)
      findings.push(bad(`spec.capacity[${resource}]`, text, "must be greater than zero"));
  }
  return findings;
}

function validateUpdate(volume: ReadonlyVolume, old: ReadonlyVolume, { subresource }: WriteContext): FieldError[] {
  if (subresource === "status") return [];
  const findings: FieldError[] = [];
  if (!semanticEqual(sourceOf(volume.spec), sourceOf(old.spec))) {
    findings.push(forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation"));
  }
  findings.push(...immutable("volumeMode", volume.spec?.volumeMode, old.spec?.volumeMode));
  if (old.spec?.nodeAffinity !== undefined)
    findings.push(...immutable("nodeAffinity", volume.spec?.nodeAffinity, old.spec.nodeAffinity));
  if (old.spec?.volumeAttributesClassName !== undefined && volume.spec?.volumeAttributesClassName === undefined) {
    findings.push(forbidden("spec.volumeAttributesClassName", "update from non-nil value to nil is forbidden"));
  }
  return findings;
}
