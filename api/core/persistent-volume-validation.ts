import type {
  CSIPersistentVolumeSource,
  PersistentVolume,
  PersistentVolumeSpec,
  VolumeNodeAffinity,
} from "../generated/types/core-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, immutable, required, unsupported } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { className, positiveQuantity, validateAccessModes } from "./claim-validation.ts";
import { iscsiTargetTooLong } from "./iscsi-validation.ts";
import { validateNodeSelector } from "./node-selector-validation.ts";
import { volumeSourceRules } from "./persistent-volume-sources.ts";
import { unifiedDiff } from "./unified-diff.ts";
import { validateSource } from "./volume-rules.ts";

type Volume = DeepReadonly<PersistentVolume>;
type Spec = DeepReadonly<PersistentVolumeSpec>;

export function validatePersistentVolume({ metadata, spec = {} }: Volume): FieldError[] {
  const { accessModes = [], iscsi } = spec;
  const findings = accessModes.length > 0 ? [] : [required("spec.accessModes")];
  const tooLong = iscsi === undefined ? undefined : iscsiTargetTooLong(metadata?.name ?? "", iscsi);
  if (tooLong !== undefined) findings.push(bad("spec.iscsi.targetportal", iscsi?.targetPortal ?? "", tooLong));
  return [
    ...findings,
    ...validateAccessModes(accessModes, "spec.accessModes"),
    ...capacity(spec.capacity),
    ...nodeAffinity(spec),
    ...validateSource(volumeSourceRules, spec, "spec"),
    ...recycledRoot(spec),
    ...className("spec.storageClassName", spec.storageClassName),
    ...attributesClass(spec),
  ];
}

/** The volume of an attachment that has no object of its own. */
export function validateInlineVolume(spec: Spec, path: string): FieldError[] {
  const why = "may not be specified in the context of inline volumes";
  const { accessModes = [], persistentVolumeReclaimPolicy: policy, volumeMode } = spec;
  const absent = ["claimRef", "nodeAffinity"] as const;
  return [
    ...absent.filter((field) => spec[field] !== undefined).map((field) => forbidden(`${path}.${field}`, why)),
    ...(Object.keys(spec.capacity ?? {}).length > 0 ? [forbidden(`${path}.capacity`, why)] : []),
    ...(spec.csi ? [] : [required(`${path}.csi`, "has to be specified in the context of inline volumes")]),
    ...(accessModes.length > 0 ? [] : [required(`${path}.accessModes`)]),
    ...validateAccessModes(accessModes, `${path}.accessModes`),
    ...(policy && policy !== "Retain"
      ? [forbidden(`${path}.persistentVolumeReclaimPolicy`, "may only be Retain in the context of inline volumes")]
      : []),
    ...validateSource(volumeSourceRules, spec, path),
    ...(spec.storageClassName ? [forbidden(`${path}.storageClassName`, why)] : []),
    ...(volumeMode !== undefined && volumeMode !== "Filesystem"
      ? [
          forbidden(
            `${path}.volumeMode`,
            "may not specify volumeMode other than Filesystem in the context of inline volumes",
          ),
        ]
      : []),
  ];
}

function capacity(given: Readonly<Record<string, string>> | undefined): FieldError[] {
  const field = "spec.capacity";
  const map = given ?? {};
  const resources = Object.keys(map);
  const findings = resources.length === 0 ? [required(field)] : [];
  if (resources.length !== 1 || resources[0] !== "storage")
    findings.push(unsupported(field, given ?? null, ["storage"]));
  return [...findings, ...Object.entries(map).flatMap(([name, text]) => positiveQuantity(`${field}[${name}]`, text))];
}

function nodeAffinity({ nodeAffinity: affinity, local }: Spec): FieldError[] {
  const field = "spec.nodeAffinity";
  const selector = affinity?.required;
  const findings: FieldError[] = [];
  if (selector !== undefined) findings.push(...validateNodeSelector(selector, `${field}.required`));
  else if (affinity !== undefined)
    findings.push(required(`${field}.required`, "must specify required node constraints"));
  if (local !== undefined && selector === undefined)
    findings.push(required(field, "Local volume requires node affinity"));
  return findings;
}

/** Nobody wants that to be emptied. */
function recycledRoot({ hostPath, persistentVolumeReclaimPolicy: policy }: Spec): FieldError[] {
  const isRoot = hostPath !== undefined && /^\/[/.]*$/.test(hostPath.path);
  if (!isRoot || policy !== "Recycle") return [];
  return [forbidden("spec.persistentVolumeReclaimPolicy", "may not be 'recycle' for a hostPath mount of '/'")];
}

function attributesClass({ volumeAttributesClassName: name, csi }: Spec): FieldError[] {
  if (name === undefined) return [];
  const field = "spec.volumeAttributesClassName";
  const findings = name === "" ? [required(field, "an empty string is disallowed")] : className(field, name);
  if (csi !== undefined) return findings;
  return [...findings, required("spec.csi", "has to be specified when using volumeAttributesClassName")];
}

export function validateVolumeUpdate({ spec = {} }: Volume, { spec: old = {} }: Volume): FieldError[] {
  const findings: FieldError[] = [];
  const [now, before] = [sourceOf(spec, old.csi), sourceOf(old, old.csi)];
  if (!semanticEqual(now, before)) {
    const detail = `spec.persistentvolumesource is immutable after creation\n${unifiedDiff(before, now)}`;
    findings.push(forbidden("spec.persistentvolumesource", detail));
  }
  findings.push(...immutable("volumeMode", spec.volumeMode, old.volumeMode));
  const { nodeAffinity: affinity } = old;
  if (affinity !== undefined && !semanticEqual(modernized(affinity, spec.nodeAffinity), spec.nodeAffinity)) {
    const why = "field is immutable, except for updating from beta label to GA";
    findings.push(bad("nodeAffinity", spec.nodeAffinity ?? null, why));
  }
  if (old.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined)
    findings.push(forbidden("spec.volumeAttributesClassName", "update from non-nil value to nil is forbidden"));
  return findings;
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

/** A secret for expansion may be added later. */
function sourceOf(spec: Spec, old: DeepReadonly<CSIPersistentVolumeSource> | undefined): object {
  const sources = Object.fromEntries(Object.entries(spec).filter(([field]) => !plainFields.has(field)));
  if (spec.csi === undefined || old === undefined || old.controllerExpandSecretRef !== undefined) return sources;
  const { controllerExpandSecretRef: _added, ...csi } = spec.csi;
  return { ...sources, csi };
}

const successors = new Map([
  ["failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"],
  ["failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"],
  ["beta.kubernetes.io/os", "kubernetes.io/os"],
  ["beta.kubernetes.io/arch", "kubernetes.io/arch"],
  ["beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"],
]);

/** The old affinity with today's labels, wherever the new one has those. */
function modernized(
  { required: selector }: DeepReadonly<VolumeNodeAffinity>,
  now: DeepReadonly<VolumeNodeAffinity> | undefined,
): object {
  const terms = (selector?.nodeSelectorTerms ?? []).map((term, index) => {
    const given = now?.required?.nodeSelectorTerms?.[index];
    const expressions = (term.matchExpressions ?? []).map((one, place) => {
      const key = given?.matchExpressions?.[place]?.key;
      return key !== undefined && successors.get(one.key) === key ? { ...one, key } : one;
    });
    return { ...term, matchExpressions: expressions };
  });
  return { required: { nodeSelectorTerms: terms } };
}
