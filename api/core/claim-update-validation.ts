/** Claims do not change, so that quota cannot be gamed; a bound one may ask for more room, or another attributes class. */
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from "../generated/types/core-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, immutable, named, oneOf, required, unsupported } from "../machinery/findings.ts";
import { getOwn } from "../machinery/members.ts";
import { labelKey } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { compareQuantities, type Quantity, roundUp, tryQuantity, zeroQuantity } from "../machinery/quantity.ts";
import { isNative } from "./resource-names.ts";
import { unifiedDiff } from "./unified-diff.ts";

type Claim = DeepReadonly<PersistentVolumeClaim>;
type Spec = DeepReadonly<PersistentVolumeClaimSpec>;

const classAnnotation = "volume.beta.kubernetes.io/storage-class";

export function validateClaimUpdate(claim: Claim, old: Claim): FieldError[] {
  const { spec = {} } = claim;
  const { spec: before = {} } = old;
  const findings = isUpgraded(claim, old) ? [] : sameAnnotation(claim, old);
  const compared = comparable(claim, old);
  if (!semanticEqual(compared, before)) {
    const why =
      "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
    findings.push(forbidden("spec", `${why}\n${unifiedDiff(before, compared)}`));
  }
  const size = storage(spec.resources?.requests);
  const isSmaller = compareQuantities(size, storage(before.resources?.requests)) < 0;
  if (isSmaller && compareQuantities(size, storage(old.status?.capacity)) <= 0)
    findings.push(forbidden("spec.resources.requests.storage", "field can not be less than status.capacity"));
  findings.push(...immutable("volumeMode", spec.volumeMode, before.volumeMode));
  return [...findings, ...attributesClass(spec, old)];
}

function storage(map: Readonly<Record<string, string>> | undefined): Quantity {
  return tryQuantity(map?.["storage"] ?? "") ?? zeroQuantity;
}

function annotated({ metadata }: Claim): string | undefined {
  return getOwn(metadata?.annotations ?? {}, classAnnotation);
}

/** From the annotation to the field that replaced it. */
function isUpgraded(claim: Claim, old: Claim): boolean {
  const before = annotated(old);
  const now = annotated(claim);
  if (before === undefined || old.spec?.storageClassName !== undefined) return false;
  return claim.spec?.storageClassName === before && (now === undefined || now === before);
}

function sameAnnotation(claim: Claim, old: Claim): FieldError[] {
  const [now, before] = [annotated(claim) ?? "", annotated(old) ?? ""];
  return now === before ? [] : [bad(`metadata.annotations[${classAnnotation}]`, now, "field is immutable")];
}

/** The new spec, with the old values of what may change just now. */
function comparable(claim: Claim, old: Claim): Spec {
  const { spec = {} } = claim;
  const { spec: before = {} } = old;
  const isBound = claim.status?.phase === "Bound";
  const { volumeName: _name, storageClassName: _class, volumeAttributesClassName: _attributes, ...rest } = spec;
  // Bound once, by the scheduler or the binder.
  const volumeName = before.volumeName ? spec.volumeName : before.volumeName;
  const storageClassName = mayGetClass(claim, old) ? before.storageClassName : spec.storageClassName;
  const attributes = isBound ? before.volumeAttributesClassName : spec.volumeAttributesClassName;
  return {
    ...rest,
    ...(volumeName === undefined ? {} : { volumeName }),
    ...(storageClassName === undefined ? {} : { storageClassName }),
    ...(attributes === undefined ? {} : { volumeAttributesClassName: attributes }),
    ...(isBound && spec.resources?.requests !== undefined ? { resources: withOldSize(spec, before) } : {}),
  };
}

/** A default class may be given to a claim that had none (KEP-3333). */
function mayGetClass(claim: Claim, old: Claim): boolean {
  if (claim.spec?.storageClassName === undefined || old.spec?.storageClassName !== undefined) return false;
  const before = annotated(old);
  return before === undefined || before === claim.spec.storageClassName;
}

function withOldSize({ resources }: Spec, { resources: before }: Spec): NonNullable<Spec["resources"]> {
  const { storage: _size, ...requests } = resources?.requests ?? {};
  const size = before?.requests?.["storage"];
  return { ...resources, requests: { ...requests, ...(size === undefined ? {} : { storage: size }) } };
}

/** Once a class is in force, there is no way back to none. */
function attributesClass({ volumeAttributesClassName: name }: Spec, { spec: before, status }: Claim): FieldError[] {
  const isKept = name === before?.volumeAttributesClassName;
  if (isKept || status?.currentVolumeAttributesClassName === undefined || name) return [];
  const to = name === undefined ? "nil" : "empty string";
  const why = `update to ${to} is forbidden when status.currentVolumeAttributesClassName is not nil`;
  return [forbidden("spec.volumeAttributesClassName", why)];
}

const resizeStates = [
  "ControllerResizeInProgress",
  "ControllerResizeInfeasible",
  "NodeResizePending",
  "NodeResizeInProgress",
  "NodeResizeInfeasible",
];

export function validateClaimStatus({ spec, status = {} }: Claim): FieldError[] {
  const { capacity = {}, allocatedResourceStatuses = {}, allocatedResources = {} } = status;
  const path = "status.allocatedResourceStatuses";
  return [
    ...((spec?.accessModes ?? []).length > 0 ? [] : [required("Spec.accessModes")]),
    ...Object.entries(capacity).flatMap(([name, text]) => quantity(`status.capacity[${name}]`, text)),
    ...Object.entries(allocatedResourceStatuses).flatMap(([name, state]) => [
      ...resourceKey(path, name),
      // Upstream shows the resource, not its state.
      ...(oneOf(path, state, resizeStates).length > 0 ? [unsupported(path, name, resizeStates)] : []),
    ]),
    ...Object.entries(allocatedResources).flatMap(([name, text]) => {
      const findings = resourceKey("status.allocatedResources", name);
      return findings.length > 0 ? findings : quantity(`status.allocatedResources[${name}]`, text);
    }),
  ];
}

function quantity(field: string, text: string): FieldError[] {
  const value = tryQuantity(text) ?? zeroQuantity;
  return value.nano < 0n ? [bad(field, roundUp(value), "must be a valid resource quantity")] : [];
}

function resourceKey(field: string, name: string): FieldError[] {
  const findings = named(field, name, labelKey(name));
  if (findings.length > 0 || !isNative(name) || name === "storage") return findings;
  return [unsupported(field, name, ["storage"])];
}
