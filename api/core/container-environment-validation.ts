import type {
  ConfigMapKeySelector,
  Container,
  EnvFromSource,
  EnvVar,
  FileKeySelector,
  Volume,
} from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, named, notFound, required, requiredName } from "../machinery/findings.ts";
import { configMapKey, dnsLabel, dnsSubdomain, envVarName } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { environmentFields, validateFieldRef, validateResourceFieldRef } from "./downward-api-validation.ts";
import { withoutBacksteps } from "./paths.ts";

type Volumes = ReadonlyMap<string, DeepReadonly<Volume>>;

/** `volumes` are all of the pod's, by name. */
export function validateEnvironment(container: DeepReadonly<Container>, volumes: Volumes, path: string): FieldError[] {
  return [
    ...(container.env ?? []).flatMap((variable, index) => validateVariable(variable, volumes, `${path}.env[${index}]`)),
    ...(container.envFrom ?? []).flatMap((source, index) => validateSource(source, `${path}.envFrom`, index)),
  ];
}

/** Upstream blames the list for what an item has too little or too much of. */
function validateSource(source: DeepReadonly<EnvFromSource>, path: string, index: number): FieldError[] {
  const at = `${path}[${index}]`;
  const { prefix, configMapRef, secretRef } = source;
  const findings = prefix ? named(`${at}.prefix`, prefix, envVarName(prefix)) : [];
  if (configMapRef !== undefined)
    findings.push(...requiredName(`${at}.configMapRef.name`, configMapRef.name, dnsSubdomain));
  if (secretRef !== undefined) findings.push(...requiredName(`${at}.secretRef.name`, secretRef.name, dnsSubdomain));
  if (configMapRef === undefined && secretRef === undefined)
    findings.push(bad(path, "", "must specify one of: `configMapRef` or `secretRef`"));
  if (configMapRef !== undefined && secretRef !== undefined)
    findings.push(bad(path, "", "may not have more than one field specified at a time"));
  return findings;
}

function validateVariable(variable: DeepReadonly<EnvVar>, volumes: Volumes, path: string): FieldError[] {
  const findings = requiredName(`${path}.name`, variable.name, envVarName);
  const from = variable.valueFrom;
  if (from === undefined) return findings;
  const at = `${path}.valueFrom`;
  if (from.fieldRef !== undefined)
    findings.push(...validateFieldRef(from.fieldRef, environmentFields, `${at}.fieldRef`));
  if (from.resourceFieldRef !== undefined)
    findings.push(...validateResourceFieldRef(from.resourceFieldRef, false, `${at}.resourceFieldRef`));
  if (from.configMapKeyRef !== undefined) findings.push(...validateKey(from.configMapKeyRef, `${at}.configMapKeyRef`));
  if (from.secretKeyRef !== undefined) findings.push(...validateKey(from.secretKeyRef, `${at}.secretKeyRef`));
  if (from.fileKeyRef !== undefined) findings.push(...validateFileKey(from.fileKeyRef, volumes, `${at}.fileKeyRef`));
  const count = Object.values(from).filter((one) => one !== undefined && one !== null).length;
  if (count === 0) findings.push(bad(at, "", noSource));
  else if (variable.value) findings.push(bad(at, "", "may not be specified when `value` is not empty"));
  else if (count > 1) findings.push(bad(at, "", "may not have more than one field specified at a time"));
  return findings;
}

const noSource =
  "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";

function validateKey({ name = "", key }: DeepReadonly<ConfigMapKeySelector>, path: string): FieldError[] {
  return [...named(`${path}.name`, name, dnsSubdomain(name)), ...requiredName(`${path}.key`, key, configMapKey)];
}

/** A file of variables that an init container left behind (KEP-3721). */
function validateFileKey(selector: DeepReadonly<FileKeySelector>, volumes: Volumes, path: string): FieldError[] {
  const { key, volumeName, path: file } = selector;
  const findings = [
    ...requiredName(`${path}.key`, key, envVarName),
    ...requiredName(`${path}.volumeName`, volumeName, dnsLabel),
    ...(file ? withoutBacksteps(`${path}.path`, file) : [required(`${path}.path`)]),
  ];
  const volume = volumes.get(volumeName);
  if (volume === undefined) findings.push(notFound(`${path}.volumeName`, volumeName));
  else if (volume.emptyDir === undefined)
    findings.push(bad(`${path}.volumeName`, volumeName, "referenced volume must be of type emptyDir"));
  return findings;
}
