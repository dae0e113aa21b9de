/** Profiles of seccomp and AppArmor, as fields and as the annotations that came before them. */
import type { AppArmorProfile, Container, PodSpec, SeccompProfile } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, required, tooLong } from "../machinery/findings.ts";
import { getOwn } from "../machinery/members.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { visitContainers } from "./pod-containers.ts";
import { descendingPath } from "./paths.ts";

type Annotations = Readonly<Record<string, string>>;

export function validateSeccompProfile(profile: DeepReadonly<SeccompProfile> | undefined, path: string): FieldError[] {
  if (profile === undefined) return [];
  const { type, localhostProfile } = profile;
  const field = `${path}.localhostProfile`;
  if (!type) return [required(`${path}.type`, "type is required when seccompProfile is set")];
  if (type !== "Localhost") {
    const why = "can only be set when seccomp type is Localhost";
    return localhostProfile === undefined ? [] : [bad(field, profile, why)];
  }
  if (localhostProfile === undefined) return [required(field, "must be set when seccomp type is Localhost")];
  return descendingPath(field, localhostProfile);
}

/** PATH_MAX - 1 */
const longestProfile = 4095;

export function validateAppArmorProfile(
  profile: DeepReadonly<AppArmorProfile> | undefined,
  path: string,
): FieldError[] {
  if (profile === undefined) return [];
  const { type, localhostProfile: name } = profile;
  const field = `${path}.localhostProfile`;
  if (!type) return [required(`${path}.type`, "type is required when appArmorProfile is set")];
  if (type !== "Localhost")
    return name === undefined ? [] : [bad(field, name, "can only be set when AppArmor type is Localhost")];
  if (name === undefined) return [required(field, "must be set when AppArmor type is Localhost")];
  const findings: FieldError[] = [];
  if (name.trim() !== name) findings.push(bad(field, name, "must not be padded with whitespace"));
  else if (name === "") findings.push(required(field, "must be set when AppArmor type is Localhost"));
  if (Buffer.byteLength(name) > longestProfile) findings.push(tooLong(field, longestProfile));
  return findings;
}

const seccompPod = "seccomp.security.alpha.kubernetes.io/pod";
const seccompPrefix = "container.seccomp.security.alpha.kubernetes.io/";
export const appArmorPrefix = "container.apparmor.security.beta.kubernetes.io/";

export function validateProfileAnnotations(
  annotations: Annotations,
  spec: DeepReadonly<PodSpec>,
  path: string,
): FieldError[] {
  return Object.entries(annotations).flatMap(([key, value]) => {
    if (key === seccompPod || key.startsWith(seccompPrefix)) return seccompAnnotation(`${path}.${key}`, value);
    if (!key.startsWith(appArmorPrefix)) return [];
    return appArmorAnnotation(`${path}[${key}]`, key.slice(appArmorPrefix.length), value, spec);
  });
}

function seccompAnnotation(field: string, value: string): FieldError[] {
  if (value === "runtime/default" || value === "docker/default" || value === "unconfined") return [];
  if (value.startsWith("localhost/")) return descendingPath(field, value.slice("localhost/".length));
  return [bad(field, value, "must be a valid seccomp profile")];
}

function appArmorAnnotation(
  field: string,
  container: string,
  value: string,
  spec: DeepReadonly<PodSpec>,
): FieldError[] {
  const findings: FieldError[] = [];
  if (!visitContainers(spec, "").some(([{ name }]) => name === container))
    findings.push(bad(field, container, "container not found"));
  const isKnown = value === "" || value === "runtime/default" || value === "unconfined";
  if (!isKnown && !value.startsWith("localhost/"))
    findings.push(bad(field, value, `invalid AppArmor profile name: ${JSON.stringify(value)}`));
  return findings;
}

/** What an annotation says as a field; nothing when it says nothing sensible. */
export function profileOfAnnotation(annotation: string): AppArmorProfile | undefined {
  if (annotation === "unconfined") return { type: "Unconfined" };
  if (annotation === "runtime/default") return { type: "RuntimeDefault" };
  if (!annotation.startsWith("localhost/")) return undefined;
  const profile = { type: "Localhost", localhostProfile: annotation.slice("localhost/".length) };
  return validateAppArmorProfile(profile, "").length === 0 ? profile : undefined;
}

/** Where a new pod has both, they must say the same. */
export function validateProfilesAgree(
  annotations: Annotations,
  spec: DeepReadonly<PodSpec>,
  path: string,
): FieldError[] {
  const pod = spec.securityContext;
  const findings = agree(seccompWords, pod?.seccompProfile, getOwn(annotations, seccompPod), {
    path: `${path}.securityContext.seccompProfile`,
  });
  for (const [container, at] of visitContainers(spec, path))
    findings.push(...containerAgrees(annotations, spec, container, `${at}.securityContext`));
  return findings;
}

function containerAgrees(
  annotations: Annotations,
  { securityContext: pod, os }: DeepReadonly<PodSpec>,
  { name, securityContext }: DeepReadonly<Container>,
  path: string,
): FieldError[] {
  const seccomp = getOwn(annotations, `${seccompPrefix}${name}`);
  const appArmor = getOwn(annotations, `${appArmorPrefix}${name}`);
  const findings = agree(seccompWords, securityContext?.seccompProfile, seccomp, { path: `${path}.seccompProfile` });
  if (os?.name === "windows") return findings;
  const profile = securityContext?.appArmorProfile ?? pod?.appArmorProfile;
  return [...findings, ...agree(appArmorWords, profile, appArmor, { path: `${path}.appArmorProfile` })];
}

interface Words {
  readonly called: string;
  readonly runtimeDefault: readonly string[];
}

const seccompWords: Words = { called: "seccomp", runtimeDefault: ["runtime/default", "docker/default"] };
const appArmorWords: Words = { called: "apparmor", runtimeDefault: ["runtime/default"] };

function agree(
  { called, runtimeDefault }: Words,
  profile: DeepReadonly<SeccompProfile> | undefined,
  annotation: string | undefined,
  { path }: { readonly path: string },
): FieldError[] {
  if (profile === undefined || annotation === undefined) return [];
  const differs = [forbidden(`${path}.type`, `${called} type in annotation and field must match`)];
  switch (profile.type) {
    case "Unconfined":
      return annotation === "unconfined" ? [] : differs;
    case "RuntimeDefault":
      return runtimeDefault.includes(annotation) ? [] : differs;
    case "Localhost":
      if (!annotation.startsWith("localhost/")) return differs;
      return annotation.slice("localhost/".length) === profile.localhostProfile
        ? []
        : [forbidden(`${path}.localhostProfile`, `${called} profile in annotation and field must match`)];
    default:
      return [];
  }
}
