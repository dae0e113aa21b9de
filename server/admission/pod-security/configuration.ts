import type { FieldError } from "../../../api/machinery/field-error.ts";
import { bad, duplicate, required } from "../../../api/machinery/findings.ts";
import { dnsLabel, dnsSubdomain, type Problems } from "../../../api/machinery/names.ts";
import { type Mode, parseLevel, type Policy, wrongLevel } from "../../../api/core/pod-security/policy.ts";
import { parseVersion, wrongVersion } from "../../../api/core/pod-security/version.ts";

/**
 * Upstream's `PodSecurityConfiguration` (pod-security.admission.config.k8s.io/v1).
 * https://kubernetes.io/docs/tasks/configure-pod-container/enforce-standards-admission-controller/
 */
export interface PodSecurityConfiguration {
  readonly defaults?: { readonly [field in Mode | `${Mode}-version`]?: string };
  readonly exemptions?: {
    readonly usernames?: readonly string[];
    readonly namespaces?: readonly string[];
    readonly runtimeClasses?: readonly string[];
  };
}

/** The configuration as the plugin asks it. */
export interface PodSecuritySettings {
  readonly defaults: Policy;
  readonly exempt: {
    readonly usernames: ReadonlySet<string>;
    readonly namespaces: ReadonlySet<string>;
    readonly runtimeClasses: ReadonlySet<string>;
  };
}

/** What is left out is `privileged` at `latest`, and nobody is exempt. Settings are of use only when there are no problems. */
export function settingsOf(configuration: PodSecurityConfiguration = {}): {
  readonly settings: PodSecuritySettings;
  readonly problems: readonly FieldError[];
} {
  const { usernames = [], namespaces = [], runtimeClasses = [] } = configuration.exemptions ?? {};
  const problems: FieldError[] = [];
  const defaults = defaultsOf(configuration.defaults ?? {}, problems);
  problems.push(
    ...names("namespaces", namespaces, dnsLabel),
    ...names("runtimeClasses", runtimeClasses, dnsSubdomain),
    ...names("usernames", usernames, undefined),
  );
  const exempt = {
    usernames: new Set(usernames),
    namespaces: new Set(namespaces),
    runtimeClasses: new Set(runtimeClasses),
  };
  return { settings: { defaults, exempt }, problems };
}

function defaultsOf(given: NonNullable<PodSecurityConfiguration["defaults"]>, problems: FieldError[]): Policy {
  const read = (mode: Mode): Policy[Mode] => {
    const level = parseLevel(given[mode] || "privileged");
    const version = parseVersion(given[`${mode}-version`] || "latest");
    if (level === undefined) problems.push(bad(`defaults.${mode}`, given[mode], wrongLevel));
    if (version === undefined) problems.push(bad(`defaults.${mode}-version`, given[`${mode}-version`], wrongVersion));
    return { level: level ?? "restricted", version: version ?? "latest" };
  };
  return { enforce: read("enforce"), audit: read("audit"), warn: read("warn") };
}

function names(
  field: string,
  list: readonly string[],
  rule: ((name: string) => Problems) | undefined,
): readonly FieldError[] {
  return list.flatMap((name, index) => {
    const at = `exemptions.${field}[${index}]`;
    if (rule === undefined && name === "") return [required(at)];
    const wrong = rule?.(name) ?? [];
    if (wrong.length > 0) return [bad(at, name, wrong.join(", "))];
    return list.indexOf(name) < index ? [duplicate(at, name)] : [];
  });
}
