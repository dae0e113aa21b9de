import type {
  CSIPersistentVolumeSource,
  GlusterfsPersistentVolumeSource,
  PersistentVolumeSpec,
  SecretReference,
} from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, named, required, requiredName } from "../machinery/findings.ts";
import { dnsLabel, dnsSubdomain } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { persistentIscsiSource } from "./iscsi-validation.ts";
import { withoutBacksteps } from "./paths.ts";
import { type SourceRule, sourceRule } from "./volume-rules.ts";
import {
  azureDiskSource,
  csiDriverName,
  fcSource,
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

/** In upstream's order. */
export const volumeSourceRules: readonly SourceRule<DeepReadonly<PersistentVolumeSpec>>[] = [
  sourceRule("hostPath", hostPathSource),
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
  sourceRule("glusterfs", glusterfs),
  sourceRule("flocker", flockerSource),
  sourceRule("nfs", nfsSource),
  sourceRule("rbd", filled("monitors", "image")),
  sourceRule("quobyte", quobyteSource),
  sourceRule("cephfs", filled("monitors"), { refusedAs: "cephFS" }),
  sourceRule("iscsi", persistentIscsiSource),
  sourceRule("cinder", (source, path) => [
    ...filled<typeof source>("volumeID")(source, path),
    ...secretReference(source.secretRef, ["name", "namespace"], `${path}.secretRef`),
  ]),
  sourceRule("fc", fcSource),
  sourceRule("flexVolume", flexSource),
  sourceRule("azureFile", (source, path) => [
    ...filled<typeof source>("secretName", "shareName")(source, path),
    ...(source.secretNamespace === "" ? [required(`${path}.secretNamespace`)] : []),
  ]),
  sourceRule("vsphereVolume", filled("volumePath")),
  sourceRule("photonPersistentDisk", filled("pdID")),
  sourceRule("portworxVolume", filled("volumeID")),
  sourceRule("azureDisk", azureDiskSource),
  sourceRule("scaleIO", filled("gateway", "system", "volumeName")),
  sourceRule("local", ({ path: at }, path) => (at ? withoutBacksteps(`${path}.path`, at) : [required(`${path}.path`)])),
  sourceRule("storageos", (source, path) => [
    ...storageOsSource(source, path),
    ...secretReference(source.secretRef, ["name", "namespace"], `${path}.secretRef`),
  ]),
  sourceRule("csi", csi),
];

function glusterfs(source: DeepReadonly<GlusterfsPersistentVolumeSource>, path: string): FieldError[] {
  const { endpointsNamespace: namespace } = source;
  const field = `${path}.endpointsNamespace`;
  const findings = filled<typeof source>("endpoints", "path")(source, path);
  if (namespace === undefined) return findings;
  if (namespace === "")
    return [...findings, bad(field, namespace, "if the endpointnamespace is set, it must be a valid namespace name")];
  return [...findings, ...named(field, namespace, dnsLabel(namespace))];
}

const secrets = [
  "controllerPublishSecretRef",
  "controllerExpandSecretRef",
  "nodePublishSecretRef",
  "nodeExpandSecretRef",
] as const;

function csi(source: DeepReadonly<CSIPersistentVolumeSource>, path: string): FieldError[] {
  return [
    ...csiDriverName(`${path}.driver`, source.driver),
    ...filled<typeof source>("volumeHandle")(source, path),
    ...secrets.flatMap((member) => {
      const reference = source[member];
      return reference === undefined ? [] : secret(reference, `${path}.${member}`);
    }),
  ];
}

function secret({ name, namespace }: DeepReadonly<SecretReference>, path: string): FieldError[] {
  return [
    ...requiredName(`${path}.name`, name, dnsSubdomain),
    ...requiredName(`${path}.namespace`, namespace, dnsLabel),
  ];
}
