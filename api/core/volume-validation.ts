import type { KeyToPath, Volume } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, forbidden, required, requiredName } from "../machinery/findings.ts";
import { dnsLabel } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";

export function validateVolumes(volumes: readonly DeepReadonly<Volume>[], path: string): FieldError[] {
  const seen = new Set<string>();
  return volumes.flatMap((volume, index) => {
    const at = `${path}[${index}]`;
    const findings = [...requiredName(`${at}.name`, volume.name, dnsLabel), ...validateSource(volume, at)];
    if (seen.has(volume.name)) findings.push(duplicate(`${at}.name`, volume.name));
    seen.add(volume.name);
    return findings;
  });
}

function validateSource(volume: DeepReadonly<Volume>, path: string): FieldError[] {
  const { name: _, ...sources } = volume;
  const [first, ...more] = Object.entries(sources).filter(([, source]) => source !== undefined && source !== null);
  if (first === undefined) return [required(path, "must specify a volume type")];
  return [
    ...more.map(([source]) => forbidden(`${path}.${source}`, "may not specify more than 1 volume type")),
    ...validateFirst(volume, first[0], path),
  ];
}

function validateFirst(volume: DeepReadonly<Volume>, source: string, path: string): FieldError[] {
  const at = `${path}.${source}`;
  switch (source) {
    case "hostPath":
      return hostPath(volume.hostPath?.path, at);
    case "secret":
      return [
        ...present(`${at}.secretName`, volume.secret?.secretName),
        ...mode(`${at}.defaultMode`, volume.secret?.defaultMode),
        ...items(volume.secret?.items, at),
      ];
    case "configMap":
      return [
        ...present(`${at}.name`, volume.configMap?.name),
        ...mode(`${at}.defaultMode`, volume.configMap?.defaultMode),
        ...items(volume.configMap?.items, at),
      ];
    case "downwardAPI":
      return mode(`${at}.defaultMode`, volume.downwardAPI?.defaultMode);
    case "projected":
      return projected(volume.projected, at);
    case "persistentVolumeClaim":
      return present(`${at}.claimName`, volume.persistentVolumeClaim?.claimName);
    case "ephemeral":
      return volume.ephemeral?.volumeClaimTemplate === undefined ? [required(`${at}.volumeClaimTemplate`)] : [];
    case "nfs":
      return [...present(`${at}.server`, volume.nfs?.server), ...present(`${at}.path`, volume.nfs?.path)];
    case "csi":
      return present(`${at}.driver`, volume.csi?.driver);
    default:
      return [];
  }
}

function present(field: string, value: string | undefined): FieldError[] {
  return value ? [] : [required(field)];
}

export function hostPath(value: string | undefined, path: string): FieldError[] {
  if (!value) return [required(`${path}.path`)];
  return value.split("/").includes("..") ? [bad(`${path}.path`, value, "must not contain '..'")] : [];
}

function mode(field: string, value: number | undefined): FieldError[] {
  const fits = value === undefined || (value >= 0 && value <= 0o777);
  return fits ? [] : [bad(field, value, "must be a number between 0 and 0777 (octal), both inclusive")];
}

/** A path that stays inside the volume. */
export function relativePath(field: string, value: string): FieldError[] {
  if (value.startsWith("/")) return [bad(field, value, "must be a relative path")];
  return value.split("/").includes("..") ? [bad(field, value, "must not contain '..'")] : [];
}

function items(list: readonly DeepReadonly<KeyToPath>[] | undefined, path: string): FieldError[] {
  return (list ?? []).flatMap((item, index) => {
    const at = `${path}.items[${index}]`;
    return [
      ...(item.key ? [] : [required(`${at}.key`)]),
      ...(item.path ? relativePath(`${at}.path`, item.path) : [required(`${at}.path`)]),
      ...(item.path?.startsWith("..") && !item.path.startsWith("../") && item.path !== ".."
        ? [bad(`${at}.path`, item.path, "must not start with '..'")]
        : []),
      ...mode(`${at}.mode`, item.mode),
    ];
  });
}

function projected(volume: DeepReadonly<Volume>["projected"], path: string): FieldError[] {
  const findings = mode(`${path}.defaultMode`, volume?.defaultMode);
  for (const [index, source] of (volume?.sources ?? []).entries()) {
    const at = `${path}.sources[${index}]`;
    const kinds = Object.values(source).filter((one) => one !== undefined && one !== null).length;
    if (kinds === 0) findings.push(required(at, "must specify a volume type"));
    if (kinds > 1) findings.push(forbidden(at, "may not specify more than 1 volume type per source"));
    if (source.secret !== undefined)
      findings.push(...present(`${at}.secret.name`, source.secret.name), ...items(source.secret.items, `${at}.secret`));
    if (source.configMap !== undefined)
      findings.push(
        ...present(`${at}.configMap.name`, source.configMap.name),
        ...items(source.configMap.items, `${at}.configMap`),
      );
    if (source.serviceAccountToken !== undefined) {
      const { path: tokenPath, expirationSeconds } = source.serviceAccountToken;
      if (expirationSeconds !== undefined && expirationSeconds < 600) {
        findings.push(
          bad(
            `${at}.serviceAccountToken.expirationSeconds`,
            expirationSeconds,
            "may not specify a duration less than 10 minutes",
          ),
        );
      }
      findings.push(...present(`${at}.serviceAccountToken.path`, tokenPath));
    }
  }
  return findings;
}
