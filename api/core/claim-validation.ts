/** What a claim for storage may ask for, be it an object or a pod's own. */
import type {
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimTemplate,
  TypedObjectReference,
} from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, named, oneOf, required } from "../machinery/findings.ts";
import { validateLabels, validateLabelSelector } from "../machinery/label-validation.ts";
import { dnsLabel, dnsSubdomain, labelKey } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { canonicalQuantity, tryQuantity } from "../machinery/quantity.ts";

type Spec = DeepReadonly<PersistentVolumeClaimSpec>;

/** Only what is handed on to the claim. */
export function validateClaimTemplate(
  { metadata = {}, spec }: DeepReadonly<PersistentVolumeClaimTemplate>,
  path: string,
): FieldError[] {
  const { annotations = {}, labels, ...others } = metadata;
  return [
    ...Object.keys(annotations).flatMap((key) =>
      named(`${path}.metadata.annotations`, key, labelKey(key.toLowerCase())),
    ),
    ...validateLabels(`${path}.metadata.labels`, labels),
    ...Object.entries(others).flatMap(([field, value]) =>
      value === undefined || value === null ? [] : [forbidden(`${path}.metadata.${field}`, "cannot be set")],
    ),
    ...validateClaimSpec(spec ?? {}, `${path}.spec`),
  ];
}

export function validateClaimSpec(spec: Spec, path: string): FieldError[] {
  const { accessModes = [], storageClassName, volumeAttributesClassName } = spec;
  const findings =
    accessModes.length > 0 ? [] : [required(`${path}.accessModes`, "at least 1 access mode is required")];
  return [
    ...findings,
    ...validateLabelSelector(spec.selector, `${path}.selector`),
    ...validateAccessModes(accessModes, `${path}.accessModes`),
    ...requestedStorage(spec, `${path}.resources[storage]`),
    ...className(`${path}.storageClassName`, storageClassName),
    ...dataSources(spec, path),
    ...className(`${path}.volumeAttributesClassName`, volumeAttributesClassName),
  ];
}

export function className(field: string, name: string | undefined): FieldError[] {
  return name ? named(field, name, dnsSubdomain(name)) : [];
}

const supportedModes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

export function validateAccessModes(modes: readonly string[], field: string): FieldError[] {
  const findings = modes.flatMap((mode) => oneOf(field, mode, supportedModes));
  const others = modes.filter((mode) => mode !== "ReadWriteOncePod" && supportedModes.includes(mode));
  if (others.length === 0 || !modes.includes("ReadWriteOncePod")) return findings;
  return [...findings, forbidden(field, "may not use ReadWriteOncePod with other access modes")];
}

export function positiveQuantity(field: string, text: string): FieldError[] {
  const isPositive = (tryQuantity(text)?.nano ?? 1n) > 0n;
  return isPositive ? [] : [bad(field, canonicalQuantity(text), "must be greater than zero")];
}

function requestedStorage({ resources }: Spec, field: string): FieldError[] {
  const size = resources?.requests?.["storage"];
  return size === undefined ? [required(field)] : positiveQuantity(field, size);
}

function dataSources({ dataSource, dataSourceRef }: Spec, path: string): FieldError[] {
  const findings: FieldError[] = [];
  if (dataSource !== undefined) findings.push(...reference(dataSource, `${path}.dataSource`));
  if (dataSourceRef !== undefined) findings.push(...reference(dataSourceRef, `${path}.dataSourceRef`));
  if (dataSource === undefined || dataSourceRef === undefined) return findings;
  // Upstream shows a path where the value belongs, of which nothing is to be seen.
  if (dataSourceRef.namespace)
    return [...findings, bad(path, {}, "may not be specified when dataSourceRef.namespace is specified")];
  const isSame =
    dataSource.apiGroup === dataSourceRef.apiGroup &&
    dataSource.kind === dataSourceRef.kind &&
    dataSource.name === dataSourceRef.name;
  return isSame ? findings : [...findings, bad(path, {}, "must match dataSourceRef")];
}

function reference(source: DeepReadonly<TypedObjectReference>, path: string): FieldError[] {
  const { apiGroup, kind, name, namespace } = source;
  const findings: FieldError[] = [];
  if (!name) findings.push(required(`${path}.name`));
  if (!kind) findings.push(required(`${path}.kind`));
  if (!apiGroup && kind !== "PersistentVolumeClaim")
    findings.push(bad(path, kind ?? "", "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
  if (apiGroup) findings.push(...named(`${path}.apiGroup`, apiGroup, dnsSubdomain(apiGroup)));
  if (namespace) findings.push(...named(`${path}.namespace`, namespace, dnsLabel(namespace)));
  return findings;
}
