import type { PodSecurityContext, PodSpec, SecurityContext } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { forbidden, required, unsupported } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { visitContainers } from "./pod-containers.ts";

type Spec = DeepReadonly<PodSpec>;

/** A pod that says for which system it is must not ask for what that one lacks (KEP-2802). */
export function validateOs(spec: Spec, path: string): FieldError[] {
  if (spec.os === undefined) return [];
  switch (spec.os.name) {
    case "linux":
      return validateLinux(spec, path);
    case "windows":
      return validateWindows(spec, path);
    case "":
    case undefined:
      return [required(`${path}.os.name`)];
    default:
      return [unsupported(`${path}.os`, spec.os.name, ["linux", "windows"])];
  }
}

function validateLinux(spec: Spec, path: string): FieldError[] {
  const contexts = contextsOf(spec, path).filter(([context]) => context?.windowsOptions !== undefined);
  return contexts.map(([, at]) => forbidden(`${at}.windowsOptions`, "windows options cannot be set for a linux pod"));
}

const podFields = [
  "appArmorProfile",
  "seLinuxOptions",
  "seccompProfile",
  "fsGroup",
  "fsGroupChangePolicy",
  "sysctls",
  "runAsUser",
  "runAsGroup",
  "supplementalGroups",
  "supplementalGroupsPolicy",
  "seLinuxChangePolicy",
] as const satisfies readonly (keyof PodSecurityContext)[];

const containerFields = [
  "appArmorProfile",
  "seLinuxOptions",
  "seccompProfile",
  "capabilities",
  "readOnlyRootFilesystem",
  "privileged",
  "allowPrivilegeEscalation",
  "procMount",
  "runAsUser",
  "runAsGroup",
] as const satisfies readonly (keyof SecurityContext)[];

function validateWindows(spec: Spec, path: string): FieldError[] {
  const why = "cannot be set for a windows pod";
  const findings: FieldError[] = [];
  for (const field of ["hostUsers", "shareProcessNamespace"] as const)
    if (spec[field] !== undefined) findings.push(forbidden(`${path}.${field}`, why));
  for (const field of ["hostPID", "hostIPC"] as const)
    if (spec[field] === true) findings.push(forbidden(`${path}.${field}`, why));
  for (const field of podFields)
    if (spec.securityContext?.[field] !== undefined) findings.push(forbidden(`${path}.securityContext.${field}`, why));
  for (const [{ securityContext }, at] of visitContainers(spec, path))
    for (const field of containerFields)
      if (securityContext?.[field] !== undefined) findings.push(forbidden(`${at}.securityContext.${field}`, why));
  return findings;
}

function contextsOf(
  spec: Spec,
  path: string,
): readonly (readonly [Pick<DeepReadonly<SecurityContext>, "windowsOptions"> | undefined, string])[] {
  return [
    [spec.securityContext, `${path}.securityContext`],
    ...visitContainers(spec, path).map(([one, at]) => [one.securityContext, `${at}.securityContext`] as const),
  ];
}
