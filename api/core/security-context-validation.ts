import type { PodSecurityContext, PodSpec, SecurityContext } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, between, duplicate, forbidden, oneOf, required } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { visitContainers } from "./pod-containers.ts";
import { validateAppArmorProfile, validateSeccompProfile } from "./security-profile-validation.ts";
import { validateWindowsOptions } from "./windows-options-validation.ts";

type Spec = DeepReadonly<PodSpec>;
type Context = DeepReadonly<SecurityContext>;
type PodContext = DeepReadonly<PodSecurityContext>;

const largestId = 2_147_483_647;

function id(field: string, value: number | undefined): FieldError[] {
  return between(field, value, 0, largestId);
}

export function validateSecurityContext(context: Context | undefined, hostUsers: boolean, path: string): FieldError[] {
  if (context === undefined) return [];
  const findings = [...id(`${path}.runAsUser`, context.runAsUser), ...id(`${path}.runAsGroup`, context.runAsGroup)];
  if (hostUsers && context.procMount === "Unmasked")
    findings.push(bad(`${path}.procMount`, context.procMount, "`hostUsers` must be false to use `Unmasked`"));
  findings.push(...validateSeccompProfile(context.seccompProfile, `${path}.seccompProfile`));
  if (context.allowPrivilegeEscalation === false) {
    const cannot = "cannot set `allowPrivilegeEscalation` to false and";
    if (context.privileged === true) findings.push(bad(path, context, `${cannot} \`privileged\` to true`));
    if ((context.capabilities?.add ?? []).includes("CAP_SYS_ADMIN"))
      findings.push(bad(path, context, `${cannot} \`capabilities.Add\` CAP_SYS_ADMIN`));
  }
  return [
    ...findings,
    ...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`),
    ...validateAppArmorProfile(context.appArmorProfile, `${path}.appArmorProfile`),
  ];
}

export function validatePodSecurityContext(spec: Spec, path: string): FieldError[] {
  const { securityContext: context } = spec;
  const findings: FieldError[] = [];
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    const why = "ShareProcessNamespace and HostPID cannot both be enabled";
    findings.push(bad(`${path}.shareProcessNamespace`, true, why));
  }
  if (context === undefined) return findings;
  const groups = (context.supplementalGroups ?? []).flatMap((group, index) =>
    id(`${path}.supplementalGroups[${index}]`, group),
  );
  return [
    ...id(`${path}.fsGroup`, context.fsGroup),
    ...id(`${path}.runAsUser`, context.runAsUser),
    ...id(`${path}.runAsGroup`, context.runAsGroup),
    ...groups,
    ...findings,
    ...validateSysctls(spec, context, `${path}.sysctls`),
    ...validateSeccompProfile(context.seccompProfile, `${path}.seccompProfile`),
    ...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`),
    ...validateAppArmorProfile(context.appArmorProfile, `${path}.appArmorProfile`),
    // MountOption needs SELinuxMount, which is off.
    ...oneOf(`${path}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ["Recursive"]),
  ];
}

const longestSysctl = 253;
const segment = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const sysctlSource = `^(${segment}[\\./])*${segment}$`;
const sysctl = new RegExp(sysctlSource);

function validateSysctls(spec: Spec, { sysctls = [] }: PodContext, path: string): FieldError[] {
  const seen = new Set<string>();
  return sysctls.flatMap(({ name = "" }, index) => {
    const field = `${path}[${index}].name`;
    const findings: FieldError[] = [];
    if (name === "") findings.push(required(field));
    else if (name.length > longestSysctl || !sysctl.test(name))
      findings.push(bad(field, name, `must have at most ${longestSysctl} characters and match regex ${sysctlSource}`));
    else if (seen.has(name)) findings.push(duplicate(field, name));
    seen.add(name);
    const shared = hostNamespaceOf(name);
    if (shared !== undefined && spec[shared] === true)
      findings.push(bad(field, name, `may not be specified when '${shared}' is true`));
    return findings;
  });
}

const ipcSysctls: ReadonlySet<string> = new Set(["kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni"]);

/** Which namespace a kernel parameter belongs to, of those that a pod may share with its host. */
function hostNamespaceOf(name: string): "hostNetwork" | "hostIPC" | undefined {
  const dotted = normalized(name);
  if (dotted.startsWith("net.")) return "hostNetwork";
  const isIpc =
    dotted.startsWith("kernel.msg") || dotted.startsWith("fs.mqueue.") || dotted === "kernel.shm_rmid_forced";
  return isIpc || ipcSysctls.has(dotted) ? "hostIPC" : undefined;
}

/** `net/ipv4/conf/eth0.1/x`: where slashes come first they separate, and dots belong to names. */
function normalized(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  if (first !== "/") return name;
  return name.replaceAll(/[./]/g, (sign) => (sign === "/" ? "." : "/"));
}

/** A user namespace of its own (KEP-127) cannot be combined with the host's other namespaces, nor with raw devices. */
export function validateHostUsers(spec: Spec, path: string): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const why = "when `hostUsers` is false";
  const findings: FieldError[] = [];
  if (spec.hostNetwork === true) findings.push(forbidden(`${path}.hostNetwork`, why));
  if (spec.hostPID === true) findings.push(forbidden(`${path}.HostPID`, why));
  if (spec.hostIPC === true) findings.push(forbidden(`${path}.HostIPC`, why));
  for (const [{ volumeDevices = [] }, at] of visitContainers(spec, path))
    if (volumeDevices.length > 0) findings.push(forbidden(`${at}.volumeDevices`, why));
  return findings;
}
