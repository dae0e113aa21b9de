import type { Pod, PodSpec, PodTemplateSpec } from "../generated/types/core-v1.ts";
import { parseIp } from "../machinery/ip.ts";
import { addressWarnings } from "../machinery/ip-warnings.ts";
import type { DeepReadonly, ObjectMeta } from "../machinery/object.ts";
import { containerWarnings, fractionalBytes } from "./pod-container-warnings.ts";
import { visitContainers } from "./pod-containers.ts";
import { portWarnings } from "./pod-port-warnings.ts";
import { schedulingWarnings } from "./pod-scheduling-warnings.ts";
import { volumeWarnings } from "./pod-volume-warnings.ts";

type Meta = DeepReadonly<ObjectMeta>;
type Spec = DeepReadonly<PodSpec>;

/** What a pod's writer may not have meant, although it is allowed. */
export function podWarnings(pod: DeepReadonly<Pod>): readonly string[] {
  return pod.spec === undefined ? [] : warnings(pod.metadata ?? {}, pod.spec, "", false);
}

/** The same of a template; `path` is its own, such as `spec.template`. */
export function podTemplateWarnings(
  template: DeepReadonly<PodTemplateSpec> | undefined,
  path: string,
): readonly string[] {
  return template?.spec === undefined ? [] : warnings(template.metadata ?? {}, template.spec, `${path}.`, true);
}

/** For workloads whose name becomes a part of their pods' hostnames. */
export function podNameWarnings(problems: readonly string[]): readonly string[] {
  if (problems.length === 0) return [];
  const what = "this is used in Pod names and hostnames, which can result in surprising behavior";
  return [`metadata.name: ${what}; a DNS label is recommended: [${problems.join(" ")}]`];
}

/** `prefix` is empty, or ends with a dot. */
function warnings(metadata: Meta, spec: Spec, prefix: string, isTemplate: boolean): readonly string[] {
  const path = `${prefix}spec`;
  const annotations = { of: metadata.annotations ?? {}, path: `${prefix}metadata.annotations` };
  const grace = spec.terminationGracePeriodSeconds;
  return [
    ...schedulingWarnings(spec, path),
    ...annotationWarnings(annotations),
    ...volumeWarnings(spec.volumes ?? [], `${path}.volumes`),
    ...listWarnings(spec, path),
    ...fractionalBytes(spec.overhead, `${path}.overhead`),
    ...seccompWarnings(spec, annotations),
    ...visitContainers(spec, path).flatMap(([container, at]) =>
      containerWarnings(container, at, { spec, annotations, isTemplate }),
    ),
    ...portWarnings(spec, path),
    ...(grace !== undefined && grace < 0
      ? [`${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`]
      : []),
  ];
}

/** Annotations with the path that warnings name them by. */
export interface Annotations {
  readonly of: Readonly<Record<string, string>>;
  readonly path: string;
}

const retired: Readonly<Record<string, string>> = {
  "scheduler.alpha.kubernetes.io/critical-pod": 'non-functional in v1.16+; use the "priorityClassName" field instead',
  "security.alpha.kubernetes.io/sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
  "security.alpha.kubernetes.io/unsafe-sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
};

function annotationWarnings({ of, path }: Annotations): readonly string[] {
  return Object.entries(retired)
    .filter(([key]) => Object.hasOwn(of, key))
    .map(([key, message]) => `${path}[${key}]: ${message}`);
}

const podSeccomp = "seccomp.security.alpha.kubernetes.io/pod";

function seccompWarnings({ securityContext }: Spec, { of, path }: Annotations): readonly string[] {
  if (securityContext?.seccompProfile !== undefined || !Object.hasOwn(of, podSeccomp)) return [];
  return [`${path}[${podSeccomp}]: non-functional in v1.27+; use the "seccompProfile" field instead`];
}

function listWarnings({ hostAliases = [], imagePullSecrets = [], dnsConfig }: Spec, path: string): readonly string[] {
  const ips = hostAliases.map(({ ip }) => ip);
  const names = imagePullSecrets.map(({ name = "" }) => name);
  return [
    ...repeated(ips).map(([index, ip]) => `${path}.hostAliases[${index}].ip: duplicate ip ${JSON.stringify(ip)}`),
    ...repeated(names).map(
      ([index, name]) => `${path}.imagePullSecrets[${index}].name: duplicate name ${JSON.stringify(name)}`,
    ),
    ...names.flatMap((name, index) =>
      name === "" ? [`${path}.imagePullSecrets[${index}].name: invalid empty name ""`] : [],
    ),
    ...ips.flatMap((ip, index) => ipWarnings(ip, `${path}.hostAliases[${index}].ip`)),
    ...(dnsConfig?.nameservers ?? []).flatMap((ip, index) => ipWarnings(ip, `${path}.dnsConfig.nameservers[${index}]`)),
  ];
}

function ipWarnings(ip: string, path: string): readonly string[] {
  return parseIp(ip) === undefined ? [] : addressWarnings(ip, path);
}

/** Those that have come before, with their index. */
function repeated(list: readonly string[]): readonly (readonly [index: number, value: string])[] {
  const seen = new Set<string>();
  return list.flatMap((value, index) => {
    if (seen.has(value)) return [[index, value] as const];
    seen.add(value);
    return [];
  });
}
