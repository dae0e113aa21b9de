import type {
  DownwardAPIVolumeFile,
  KeyToPath,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, required } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { validateFieldRef, validateResourceFieldRef, volumeFields } from "./downward-api-validation.ts";
import { unreservedPath } from "./paths.ts";
import { fileMode } from "./volume-source-validation.ts";

export function validateItems(items: readonly DeepReadonly<KeyToPath>[] | undefined, path: string): FieldError[] {
  return (items ?? []).flatMap(({ key, path: file = "", mode }, index) => {
    const at = `${path}.items[${index}]`;
    return [
      ...(key ? [] : [required(`${at}.key`)]),
      ...(file ? [] : [required(`${at}.path`)]),
      ...unreservedPath(`${at}.path`, file),
      ...fileMode(`${at}.mode`, mode),
    ];
  });
}

/** Upstream does not say which of the files is meant. */
export function validateDownwardFiles(
  files: readonly DeepReadonly<DownwardAPIVolumeFile>[] | undefined,
  path: string,
): FieldError[] {
  return (files ?? []).flatMap(({ path: file = "", fieldRef, resourceFieldRef, mode }) => [
    ...(file ? [] : [required(`${path}.path`)]),
    ...unreservedPath(`${path}.path`, file),
    ...downwardSource(fieldRef, resourceFieldRef, path),
    ...fileMode(`${path}.mode`, mode),
  ]);
}

function downwardSource(
  field: DeepReadonly<DownwardAPIVolumeFile>["fieldRef"],
  resource: DeepReadonly<DownwardAPIVolumeFile>["resourceFieldRef"],
  path: string,
): FieldError[] {
  if (field !== undefined) {
    const findings = validateFieldRef(field, volumeFields, `${path}.fieldRef`);
    if (resource === undefined) return findings;
    return [...findings, bad(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously")];
  }
  if (resource === undefined) return [required(path, "one of fieldRef and resourceFieldRef is required")];
  return validateResourceFieldRef(resource, true, `${path}.resourceFieldRef`);
}

export function validateProjected(volume: DeepReadonly<ProjectedVolumeSource>, path: string): FieldError[] {
  const sources = volume.sources ?? [];
  const findings = fileMode(`${path}.defaultMode`, volume.defaultMode);
  for (const [index, source] of sources.entries())
    findings.push(...validateProjection(source, path, `${path}.sources[${index}]`));
  return [...findings, ...conflicts(sources, path)];
}

function validateProjection(source: DeepReadonly<VolumeProjection>, path: string, at: string): FieldError[] {
  const { secret, configMap, downwardAPI, serviceAccountToken } = source;
  const findings: FieldError[] = [];
  if (secret !== undefined) {
    if (!secret.name) findings.push(required(`${at}.secret.name`));
    findings.push(...validateItems(secret.items, `${at}.secret`));
  }
  if (configMap !== undefined) {
    if (!configMap.name) findings.push(required(`${at}.configMap.name`));
    findings.push(...validateItems(configMap.items, `${at}.configMap`));
  }
  findings.push(...validateDownwardFiles(downwardAPI?.items, `${at}.downwardAPI`));
  if (serviceAccountToken !== undefined)
    findings.push(...validateToken(serviceAccountToken, path, `${at}.serviceAccountToken`));
  const sorts = Object.values(source).filter((one) => one !== undefined && one !== null);
  if (sorts.length > 1) findings.push(forbidden(at, "may not specify more than 1 volume type per source"));
  return findings;
}

const shortestLife = 600;
const longestLife = 2 ** 32;

function validateToken(token: DeepReadonly<ServiceAccountTokenProjection>, path: string, at: string): FieldError[] {
  const { expirationSeconds: life, path: file } = token;
  const field = `${at}.expirationSeconds`;
  const findings: FieldError[] = [];
  if (life !== undefined && life < shortestLife)
    findings.push(bad(field, life, "may not specify a duration less than 10 minutes"));
  if (life !== undefined && life > longestLife)
    findings.push(bad(field, life, "may not specify a duration larger than 2^32 seconds"));
  return [...findings, ...(file ? unreservedPath(`${path}.path`, file) : [required(`${path}.path`)])];
}

/** Each file comes from one source. A token's is not compared. */
function conflicts(sources: readonly DeepReadonly<VolumeProjection>[], path: string): FieldError[] {
  const seen = new Set<string>();
  return sources.flatMap(({ secret, configMap, downwardAPI }) => {
    const files = [
      ...(secret?.items ?? []).map((item) => [item.path, secret?.name] as const),
      ...(configMap?.items ?? []).map((item) => [item.path, configMap?.name] as const),
      ...(downwardAPI?.items ?? []).map((item) => [item.path, item.path] as const),
    ];
    return files.flatMap(([file, shown]) => {
      if (!file) return [];
      if (seen.has(file)) return [bad(path, shown ?? "", "conflicting duplicate paths")];
      seen.add(file);
      return [];
    });
  });
}
