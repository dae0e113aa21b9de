import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from "../generated/types/core-v1.ts";
import { changedMembers } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, immutable, named, required } from "../machinery/findings.ts";
import { validateLabelSelector } from "../machinery/label-validation.ts";
import { dnsSubdomain } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { compareQuantities, isQuantity, parseQuantity, type Quantity, zeroQuantity } from "../machinery/quantity.ts";
import { defineResource, type ResourceRow, type WriteContext } from "../resource.ts";
import { accessModes } from "./cells.ts";
import { classOf, oneWriterAlone, storageSize } from "./storage-claims.ts";

type ReadonlyClaim = DeepReadonly<PersistentVolumeClaim>;

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
  validate: ({ spec }) => (spec === undefined ? [required("spec")] : validateClaimSpec(spec, "spec")),
  validateUpdate,
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

function validateClaimSpec(spec: DeepReadonly<PersistentVolumeClaimSpec>, path: string): FieldError[] {
  const findings: FieldError[] = [];
  if ((spec.accessModes?.length ?? 0) === 0)
    findings.push(required(`${path}.accessModes`, "at least 1 access mode is required"));
  findings.push(...validateLabelSelector(spec.selector, `${path}.selector`), ...oneWriterAlone(spec.accessModes ?? []));
  const size = spec.resources?.requests?.["storage"];
  if (size === undefined) findings.push(required(`${path}.resources[storage]`));
  else if (isQuantity(size) && parseQuantity(size).nano <= 0n)
    findings.push(bad(`${path}.resources[storage]`, size, "must be greater than zero"));
  if (spec.storageClassName)
    findings.push(...named(`${path}.storageClassName`, spec.storageClassName, dnsSubdomain(spec.storageClassName)));
  if (spec.dataSource !== undefined && spec.dataSourceRef !== undefined && !spec.dataSourceRef.namespace) {
    const { kind, name } = spec.dataSource;
    if (kind !== spec.dataSourceRef.kind || name !== spec.dataSourceRef.name) {
      findings.push(bad(path, spec.dataSource, "must match dataSourceRef"));
    }
  }
  return findings;
}

/** Claims do not change, so that quota cannot be gamed; a bound one may ask for more room, or another attributes class. */
function validateUpdate(claim: ReadonlyClaim, old: ReadonlyClaim, { subresource }: WriteContext): FieldError[] {
  const spec = claim.spec ?? {};
  const before = old.spec ?? {};
  if (subresource === "status") return [];
  const changed = changedMembers(comparable(spec, claim, old), comparable(before, claim, old));
  const findings: FieldError[] = [];
  if (changed.length > 0) {
    const shown = changed.map((field) => `  spec.${field}\n`).join("");
    findings.push(
      forbidden(
        "spec",
        `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${shown}`,
      ),
    );
  }
  const size = storage(spec.resources?.requests);
  if (
    compareQuantities(size, storage(before.resources?.requests)) < 0 &&
    compareQuantities(size, storage(old.status?.capacity)) <= 0
  ) {
    findings.push(forbidden("spec.resources.requests.storage", "field can not be less than status.capacity"));
  }
  return [...findings, ...immutable("spec.volumeMode", spec.volumeMode, before.volumeMode)];
}

function storage(map: Readonly<Record<string, string>> | undefined): Quantity {
  const text = map?.["storage"];
  return text === undefined || !isQuantity(text) ? zeroQuantity : parseQuantity(text);
}

/** The spec without what may change just now. */
function comparable(spec: DeepReadonly<PersistentVolumeClaimSpec>, claim: ReadonlyClaim, old: ReadonlyClaim): object {
  const {
    volumeMode: _mode,
    volumeAttributesClassName: _attributes,
    volumeName,
    storageClassName,
    resources,
    ...rest
  } = spec;
  const { storage: size, ...requests } = resources?.requests ?? {};
  return {
    ...rest,
    // Bound once, by the scheduler or the binder.
    ...(old.spec?.volumeName ? { volumeName } : {}),
    // A default class may be given to a claim that had none (KEP-3333).
    ...(old.spec?.storageClassName === undefined ? {} : { storageClassName }),
    resources: {
      ...resources,
      requests:
        claim.status?.phase === "Bound" ? requests : { ...requests, ...(size === undefined ? {} : { storage: size }) },
    },
  };
}
