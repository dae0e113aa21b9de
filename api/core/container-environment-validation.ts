import type { Container, EnvVar } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, named, required, requiredName } from "../machinery/findings.ts";
import { configMapKey, envVarName } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";

export function validateEnvironment(container: DeepReadonly<Container>, path: string): FieldError[] {
  return [
    ...(container.env ?? []).flatMap((variable, index) => validateVariable(variable, `${path}.env[${index}]`)),
    ...(container.envFrom ?? []).flatMap((source, index) => {
      const at = `${path}.envFrom[${index}]`;
      const findings = source.prefix ? named(`${at}.prefix`, source.prefix, envVarName(source.prefix)) : [];
      if (source.configMapRef && !source.configMapRef.name) findings.push(required(`${at}.configMapRef.name`));
      if (source.secretRef && !source.secretRef.name) findings.push(required(`${at}.secretRef.name`));
      if (!source.configMapRef && !source.secretRef)
        findings.push(bad(at, "", "must specify one of: `configMapRef` or `secretRef`"));
      if (source.configMapRef && source.secretRef)
        findings.push(bad(at, "", "may not have more than one field specified at a time"));
      return findings;
    }),
  ];
}

function validateVariable(variable: DeepReadonly<EnvVar>, path: string): FieldError[] {
  const findings = requiredName(`${path}.name`, variable.name, envVarName);
  const from = variable.valueFrom;
  if (from === undefined) return findings;
  const at = `${path}.valueFrom`;
  if (from.fieldRef !== undefined && !from.fieldRef.fieldPath) findings.push(required(`${at}.fieldRef.fieldPath`));
  if (from.resourceFieldRef !== undefined && !from.resourceFieldRef.resource)
    findings.push(required(`${at}.resourceFieldRef.resource`));
  for (const source of ["configMapKeyRef", "secretKeyRef"] as const) {
    const reference = from[source];
    if (reference === undefined) continue;
    if (!reference.name) findings.push(required(`${at}.${source}.name`));
    findings.push(...requiredName(`${at}.${source}.key`, reference.key, configMapKey));
  }
  const count = Object.values(from).filter((one) => one !== undefined && one !== null).length;
  if (count === 0) {
    findings.push(
      bad(
        at,
        "",
        "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
      ),
    );
  }
  if (count > 0 && variable.value) findings.push(bad(at, "", "may not be specified when `value` is not empty"));
  else if (count > 1) findings.push(bad(at, "", "may not have more than one field specified at a time"));
  return findings;
}
