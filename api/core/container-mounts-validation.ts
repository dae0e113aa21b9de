import type { Container, Volume, VolumeDevice, VolumeMount } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, notFound, required, unsupported } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { descendingPath, withoutBacksteps } from "./paths.ts";

type Volumes = ReadonlyMap<string, DeepReadonly<Volume>>;

/** Each volume is either mounted as a file system, or handed over as a device. */
export function validateMounts(container: DeepReadonly<Container>, volumes: Volumes, path: string): FieldError[] {
  const { volumeMounts = [], volumeDevices = [] } = container;
  const mounts = new Map(volumeMounts.map(({ name, mountPath }) => [name, mountPath]));
  return [
    ...validateVolumeMounts(container, volumes, `${path}.volumeMounts`),
    ...validateVolumeDevices(volumeDevices, mounts, volumes, `${path}.volumeDevices`),
  ];
}

function validateVolumeMounts(container: DeepReadonly<Container>, volumes: Volumes, path: string): FieldError[] {
  const { volumeMounts: mounts = [], volumeDevices = [] } = container;
  const devices = new Map(volumeDevices.map(({ name, devicePath }) => [name, devicePath]));
  const isPrivileged = container.securityContext?.privileged === true;
  const seen = new Set<string>();
  return mounts.flatMap((mount, index) => {
    const at = `${path}[${index}]`;
    const { name, mountPath } = mount;
    const findings: FieldError[] = [];
    if (!name) findings.push(required(`${at}.name`));
    if (!volumes.has(name)) findings.push(notFound(`${at}.name`, name));
    if (!mountPath) findings.push(required(`${at}.mountPath`));
    if (seen.has(mountPath)) findings.push(bad(`${at}.mountPath`, mountPath, "must be unique"));
    seen.add(mountPath);
    if (devices.has(name)) findings.push(bad(`${at}.name`, name, "must not already exist in volumeDevices"));
    if ([...devices.values()].includes(mountPath))
      findings.push(bad(`${at}.mountPath`, mountPath, "must not already exist as a path in volumeDevices"));
    return [...findings, ...validateSubPaths(mount, at, path), ...validateSharing(mount, isPrivileged, path)];
  });
}

/** Upstream blames the list, without the index, for most of what follows. */
function validateSubPaths({ subPath, subPathExpr }: DeepReadonly<VolumeMount>, at: string, path: string): FieldError[] {
  const findings = subPath ? descendingPath(`${path}.subPath`, subPath) : [];
  if (!subPathExpr) return findings;
  if (subPath) findings.push(bad(`${at}.subPathExpr`, subPathExpr, "subPathExpr and subPath are mutually exclusive"));
  return [...findings, ...descendingPath(`${path}.subPathExpr`, subPathExpr)];
}

const recursive = ["Disabled", "Enabled", "IfPossible"];

function validateSharing(mount: DeepReadonly<VolumeMount>, isPrivileged: boolean, path: string): FieldError[] {
  const { mountPropagation, recursiveReadOnly, readOnly } = mount;
  const findings: FieldError[] = [];
  if (mountPropagation === "Bidirectional" && !isPrivileged) {
    const why = "Bidirectional mount propagation is available only to privileged containers";
    findings.push(forbidden(`${path}.mountPropagation`, why));
  }
  const field = `${path}.recursiveReadOnly`;
  if (recursiveReadOnly === undefined || recursiveReadOnly === "Disabled") return findings;
  if (!recursive.includes(recursiveReadOnly)) return [...findings, unsupported(field, recursiveReadOnly, recursive)];
  if (readOnly !== true) findings.push(forbidden(field, "may only be specified when readOnly is true"));
  if (mountPropagation !== undefined && mountPropagation !== "None")
    findings.push(forbidden(field, "may only be specified when mountPropagation is None or not specified"));
  return findings;
}

function validateVolumeDevices(
  devices: readonly DeepReadonly<VolumeDevice>[],
  mounts: ReadonlyMap<string, string>,
  volumes: Volumes,
  path: string,
): FieldError[] {
  const names = new Set<string>();
  const paths = new Set<string>();
  return devices.flatMap(({ name, devicePath }, index) => {
    const at = `${path}[${index}]`;
    const findings = validateDevice(name, volumes.get(name), at);
    if (names.has(name)) findings.push(bad(`${at}.name`, name, "must be unique"));
    if (!devicePath) findings.push(required(`${at}.devicePath`));
    if (paths.has(devicePath)) findings.push(bad(`${at}.devicePath`, devicePath, "must be unique"));
    if (withoutBacksteps("", devicePath ?? "").length > 0)
      findings.push(bad(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')"));
    else paths.add(devicePath);
    if (mounts.has(name)) findings.push(bad(`${at}.name`, name, "must not already exist in volumeMounts"));
    if ([...mounts.values()].includes(devicePath))
      findings.push(bad(`${at}.devicePath`, devicePath, "must not already exist as a path in volumeMounts"));
    if (name) names.add(name);
    return findings;
  });
}

function validateDevice(name: string, volume: DeepReadonly<Volume> | undefined, path: string): FieldError[] {
  const findings = name ? [] : [required(`${path}.name`)];
  if (volume === undefined) return [...findings, notFound(`${path}.name`, name)];
  if (volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined) return findings;
  const why = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
  return [...findings, bad(`${path}.name`, name, why)];
}
