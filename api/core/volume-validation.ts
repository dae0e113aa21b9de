import type {
  CSIVolumeSource,
  EmptyDirVolumeSource,
  EphemeralVolumeSource,
  Volume,
} from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, forbidden, named, required, requiredName } from "../machinery/findings.ts";
import { dnsLabel, dnsSubdomain } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { tryQuantity } from "../machinery/quantity.ts";
import { validateClaimTemplate } from "./claim-validation.ts";
import { iscsiSource, iscsiTargetTooLong } from "./iscsi-validation.ts";
import { descendingPath } from "./paths.ts";
import { validateDownwardFiles, validateItems, validateProjected } from "./projected-volume-validation.ts";
import { type SourceRule, sourceRule, validateSource } from "./volume-rules.ts";
import {
  azureDiskSource,
  csiDriverName,
  fcSource,
  fileMode,
  filled,
  flexSource,
  flockerSource,
  hostPathSource,
  nfsSource,
  partition,
  quobyteSource,
  secretReference,
  storageOsSource,
} from "./volume-source-validation.ts";

type ReadonlyVolume = DeepReadonly<Volume>;

/** Of whose volumes they are: a pod's name goes into the names of its own claims; a template has none yet. */
export interface VolumeOwner {
  readonly isPod: boolean;
  readonly name: string | undefined;
}

/** What is wrong, and what containers may mount: volumes that are all right. */
export function validateVolumes(
  volumes: readonly ReadonlyVolume[],
  owner: VolumeOwner,
  path: string,
): { readonly findings: FieldError[]; readonly mountable: ReadonlyMap<string, ReadonlyVolume> } {
  const mountable = new Map<string, ReadonlyVolume>();
  const generated = new Set(
    volumes.flatMap(({ name, ephemeral }) => (ephemeral === undefined || !owner.name ? [] : [`${owner.name}-${name}`])),
  );
  const findings = volumes.flatMap((volume, index) => {
    const at = `${path}[${index}]`;
    const own = validateVolume(volume, owner, at);
    if (mountable.has(volume.name)) own.push(duplicate(`${at}.name`, volume.name));
    if (own.length === 0) mountable.set(volume.name, volume);
    const claim = volume.persistentVolumeClaim?.claimName ?? "";
    if (generated.has(claim))
      own.push(
        bad(
          `${at}.persistentVolumeClaim.claimName`,
          claim,
          "must not reference a PVC that gets created for an ephemeral volume",
        ),
      );
    return own;
  });
  return { findings, mountable };
}

function validateVolume(volume: ReadonlyVolume, owner: VolumeOwner, path: string): FieldError[] {
  const { name, iscsi, ephemeral, image } = volume;
  const findings = validateSource(rules, volume, path);
  const tooLong = iscsi === undefined ? undefined : iscsiTargetTooLong(name, iscsi);
  if (tooLong !== undefined) findings.push(bad(`${path}.name`, name, tooLong));
  if (ephemeral !== undefined && owner.name && name) {
    const claim = `${owner.name}-${name}`;
    const problems = dnsSubdomain(claim).map((problem) => `PVC name ${JSON.stringify(claim)}: ${problem}`);
    findings.push(...named(`${path}.name`, name, problems));
  }
  // A template may leave it to whoever makes the pods.
  if (image !== undefined && owner.isPod && !image.reference) findings.push(required(`${path}.image.reference`));
  return [...findings, ...requiredName(`${path}.name`, name, dnsLabel)];
}

const rules: readonly SourceRule<ReadonlyVolume>[] = [
  sourceRule("emptyDir", emptyDir),
  sourceRule("hostPath", hostPathSource),
  sourceRule("gitRepo", (source, path) => [
    ...filled<typeof source>("repository")(source, path),
    ...descendingPath(`${path}.directory`, source.directory ?? ""),
  ]),
  sourceRule(
    "gcePersistentDisk",
    (source, path) => [
      ...filled<typeof source>("pdName")(source, path),
      ...partition(`${path}.partition`, source.partition),
    ],
    { at: "persistentDisk" },
  ),
  sourceRule("awsElasticBlockStore", (source, path) => [
    ...filled<typeof source>("volumeID")(source, path),
    ...partition(`${path}.partition`, source.partition),
  ]),
  sourceRule("secret", (source, path) => [
    ...filled<typeof source>("secretName")(source, path),
    ...fileMode(`${path}.defaultMode`, source.defaultMode),
    ...validateItems(source.items, path),
  ]),
  sourceRule("nfs", nfsSource),
  sourceRule("iscsi", (source, path) => iscsiSource(source, path)),
  sourceRule("glusterfs", filled("endpoints", "path")),
  sourceRule("flocker", flockerSource),
  sourceRule("persistentVolumeClaim", filled("claimName")),
  sourceRule("rbd", filled("monitors", "image")),
  sourceRule("cinder", (source, path) => [
    ...filled<typeof source>("volumeID")(source, path),
    ...secretReference(source.secretRef, ["name"], `${path}.secretRef`),
  ]),
  sourceRule("cephfs", filled("monitors"), { refusedAs: "cephFS" }),
  sourceRule("quobyte", quobyteSource),
  sourceRule(
    "downwardAPI",
    (source, path) => [
      ...fileMode(`${path}.defaultMode`, source.defaultMode),
      ...validateDownwardFiles(source.items, path),
    ],
    { refusedAs: "downwarAPI" },
  ),
  sourceRule("fc", fcSource),
  sourceRule("flexVolume", flexSource),
  sourceRule("configMap", (source, path) => [
    ...filled<typeof source>("name")(source, path),
    ...fileMode(`${path}.defaultMode`, source.defaultMode),
    ...validateItems(source.items, path),
  ]),
  sourceRule("azureFile", filled("secretName", "shareName")),
  sourceRule("vsphereVolume", filled("volumePath")),
  sourceRule("photonPersistentDisk", filled("pdID")),
  sourceRule("portworxVolume", filled("volumeID")),
  sourceRule("azureDisk", azureDiskSource),
  sourceRule("storageos", (source, path) => [
    ...storageOsSource(source, path),
    ...secretReference(source.secretRef, ["name"], `${path}.secretRef`),
  ]),
  sourceRule("projected", validateProjected),
  sourceRule("scaleIO", filled("gateway", "system", "volumeName")),
  sourceRule("csi", csi),
  sourceRule("ephemeral", ephemeralClaim),
  sourceRule("image", () => []),
];

function emptyDir({ sizeLimit }: DeepReadonly<EmptyDirVolumeSource>, path: string): FieldError[] {
  const isNegative = sizeLimit !== undefined && (tryQuantity(sizeLimit)?.nano ?? 0n) < 0n;
  return isNegative ? [forbidden(`${path}.sizeLimit`, "SizeLimit field must be a valid resource quantity")] : [];
}

function csi({ driver, nodePublishSecretRef }: DeepReadonly<CSIVolumeSource>, path: string): FieldError[] {
  const findings = csiDriverName(`${path}.driver`, driver);
  if (nodePublishSecretRef === undefined) return findings;
  const { name } = nodePublishSecretRef;
  if (!name) return [...findings, required(`${path}.nodePublishSecretRef.name`)];
  return [...findings, ...named(`${path}.name`, name, dnsSubdomain(name))];
}

function ephemeralClaim(source: DeepReadonly<EphemeralVolumeSource>, path: string): FieldError[] {
  const { volumeClaimTemplate: template } = source;
  const at = `${path}.volumeClaimTemplate`;
  return template === undefined ? [required(at)] : validateClaimTemplate(template, at);
}
