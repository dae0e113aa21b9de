/** Sources that volumes of pods and persistent volumes have in common. */
import type {
  AzureDiskVolumeSource,
  FCVolumeSource,
  FlockerVolumeSource,
  HostPathVolumeSource,
  NFSVolumeSource,
  QuobyteVolumeSource,
} from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, between, named, required, requiredName, tooLong, unsupported } from "../machinery/findings.ts";
import { dnsLabel, dnsSubdomain } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { withoutBacksteps } from "./paths.ts";

/** Members that must be there and not be empty. */
export function filled<Source extends object>(...members: (keyof Source & string)[]) {
  return (source: Source, path: string): FieldError[] =>
    members.flatMap((member) => {
      const value = source[member];
      const isEmpty = !value || (Array.isArray(value) && value.length === 0);
      return isEmpty ? [required(`${path}.${member}`)] : [];
    });
}

export function hostPathSource({ path: value }: DeepReadonly<HostPathVolumeSource>, path: string): FieldError[] {
  return value ? withoutBacksteps(`${path}.path`, value) : [required(`${path}.path`)];
}

export function nfsSource(source: DeepReadonly<NFSVolumeSource>, path: string): FieldError[] {
  const findings = filled<DeepReadonly<NFSVolumeSource>>("server", "path")(source, path);
  const { path: exported = "" } = source;
  if (exported.startsWith("/")) return findings;
  return [...findings, bad(`${path}.path`, exported, "must be an absolute path")];
}

const largestPartition = 255;

/** A disk of a cloud, whole or in part. */
export function partition(field: string, value: number | undefined): FieldError[] {
  const fits = value === undefined || (value >= 0 && value <= largestPartition);
  return fits ? [] : [bad(field, value, `must be between 1 and ${largestPartition}, or 0 if there is no partition`)];
}

export function fcSource(
  { targetWWNs = [], wwids = [], lun }: DeepReadonly<FCVolumeSource>,
  path: string,
): FieldError[] {
  const field = `${path}.targetWWNs`;
  const findings: FieldError[] = [];
  if (targetWWNs.length === 0 && wwids.length === 0)
    findings.push(required(field, "must specify either targetWWNs or wwids, but not both"));
  if (targetWWNs.length === 0) return findings;
  if (wwids.length > 0)
    findings.push(bad(field, targetWWNs, "targetWWNs and wwids can not be specified simultaneously"));
  if (lun === undefined) findings.push(required(`${path}.lun`, "lun is required if targetWWNs is specified"));
  return [...findings, ...between(`${path}.lun`, lun, 0, 255)];
}

const pairs = "must be a host:port pair or multiple pairs separated by commas";

export function quobyteSource(source: DeepReadonly<QuobyteVolumeSource>, path: string): FieldError[] {
  const { registry, tenant = "", volume } = source;
  const findings: FieldError[] = [];
  if (!registry) findings.push(required(`${path}.registry`, pairs));
  else if (tenant.length > 64)
    findings.push(required(`${path}.tenant`, "must be a UUID and may not exceed a length of 64 characters"));
  else
    for (const pair of registry.split(","))
      if (!/^(?:\[[^\][]*\]|[^:\][]*):[^:\][]*$/.test(pair)) findings.push(bad(`${path}.registry`, registry, pairs));
  return volume ? findings : [...findings, required(`${path}.volume`)];
}

export function flockerSource(source: DeepReadonly<FlockerVolumeSource>, path: string): FieldError[] {
  const { datasetName = "", datasetUUID = "" } = source;
  const findings: FieldError[] = [];
  if (datasetName === "" && datasetUUID === "")
    findings.push(required(path, "one of datasetName and datasetUUID is required"));
  if (datasetName !== "" && datasetUUID !== "")
    findings.push(bad(path, "resource", "datasetName and datasetUUID can not be specified simultaneously"));
  if (datasetName.includes("/")) findings.push(bad(`${path}.datasetName`, datasetName, "must not contain '/'"));
  return findings;
}

export function flexSource(
  { driver, options = {} }: { readonly driver: string; readonly options?: Readonly<Record<string, string>> },
  path: string,
): FieldError[] {
  const findings = driver ? [] : [required(`${path}.driver`)];
  for (const key of Object.keys(options)) {
    const namespace = `.${(key.split("/", 1)[0] ?? "").toLowerCase()}`;
    if (namespace.endsWith(".kubernetes.io") || namespace.endsWith(".k8s.io"))
      findings.push(bad(`${path}.options[${key}]`, key, "kubernetes.io and k8s.io namespaces are reserved"));
  }
  return findings;
}

const managedDisk = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
const blobDisk = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";

export function azureDiskSource(source: DeepReadonly<AzureDiskVolumeSource>, path: string): FieldError[] {
  const findings = filled<DeepReadonly<AzureDiskVolumeSource>>("diskName", "diskURI")(source, path);
  const { kind, diskURI = "" } = source;
  if (kind === undefined) return findings;
  const [prefix, form] = kind === "Managed" ? ["/subscriptions/", managedDisk] : ["https://", blobDisk];
  if (!diskURI.startsWith(prefix)) findings.push(unsupported(`${path}.diskURI`, diskURI, [form]));
  return findings;
}

export function storageOsSource(
  source: { readonly volumeName?: string; readonly volumeNamespace?: string },
  path: string,
): FieldError[] {
  const { volumeName, volumeNamespace } = source;
  return [
    ...requiredName(`${path}.volumeName`, volumeName, dnsLabel),
    ...(volumeNamespace ? named(`${path}.volumeNamespace`, volumeNamespace, dnsLabel(volumeNamespace)) : []),
  ];
}

const longestDriver = 63;

export function csiDriverName(field: string, name: string | undefined): FieldError[] {
  if (!name) return [required(field)];
  const findings = name.length > longestDriver ? [tooLong(field, longestDriver)] : [];
  return [...findings, ...named(field, name, dnsSubdomain(name.toLowerCase()))];
}

const wholeMode = 0o777;

export function fileMode(field: string, value: number | undefined): FieldError[] {
  const fits = value === undefined || (value >= 0 && value <= wholeMode);
  return fits ? [] : [bad(field, value, "must be a number between 0 and 0777 (octal), both inclusive")];
}

/** Where a source refers to a secret. */
export function secretReference(
  reference: { readonly name?: string; readonly namespace?: string } | undefined,
  members: readonly ("name" | "namespace")[],
  path: string,
): FieldError[] {
  if (reference === undefined) return [];
  return members.flatMap((member) => (reference[member] ? [] : [required(`${path}.${member}`)]));
}
